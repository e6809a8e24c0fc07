//! The files of an image's layers, as trees to be laid upon its base.

use mambox_accounts::{Account, AccountError, group, gshadow, home_of, passwd, shadow, with_line};
use mambox_activate::family_scripts;
use mambox_build::{CERTIFICATES, Content, FileTree, certificates};

use crate::account::account;
use crate::facts::{BaseFacts, BaseFile, SKELETON};
use crate::family::Family;
use crate::furnishings::{ACTIVATE, ENTRY_NAMES};

/// The package manager.
pub(crate) fn micromamba(program: Vec<u8>) -> FileTree {
    let mut tree = FileTree::default();
    tree.file("bin/micromamba", 0o755, Content::Bytes(program));
    tree
}

/// The entry program by all of its names, the script that a `.bashrc` sources, and those that shells source by themselves.
pub(crate) fn entry_programs(program: Vec<u8>) -> FileTree {
    let mut tree = FileTree::default();
    let [first, others @ ..] = ENTRY_NAMES.map(|name| format!("usr/local/bin/{name}"));
    tree.file(&first, 0o755, Content::Bytes(program));
    others.iter().for_each(|name| tree.hard_link(name, &first));
    let (path, text) = ACTIVATE;
    tree.file(path, 0o755, text.into());
    for (path, text) in family_scripts() {
        tree.file(path.trim_start_matches('/'), 0o644, text.as_str().into());
    }
    tree
}

/// Account, homes, root prefix, certificates: what depends on the base.
pub(crate) fn accounts(family: &Family, facts: &BaseFacts, has_bash: bool) -> Result<FileTree, AccountError> {
    let shell = if !has_bash && facts.has_sh { "/bin/sh" } else { "/bin/bash" };
    let user = &family.user;
    let account = account(&user.name, user.uid, user.gid, shell)?;
    let mut tree = FileTree::default();
    let users = account_files(&mut tree, facts, &account)?;
    tree.folder("root", 0o700);
    bashrc(&mut tree, "root/.bashrc", facts.root_bashrc.as_ref());
    let skeleton = facts.skeleton.get(".bashrc");
    bashrc(&mut tree, &format!("{SKELETON}/.bashrc"), skeleton);
    home(&mut tree, facts, &account, &users);
    tree.file("etc/arg_mamba_user", 0o777, format!("{}\n", account.name()).as_str().into());
    let root_prefix = family.root_prefix.trim_start_matches('/');
    tree.folder(root_prefix, 0o777);
    tree.folder(&format!("{root_prefix}/conda-meta"), 0o777);
    if !facts.has_certificates {
        tree.file(CERTIFICATES, 0o644, certificates().as_str().into());
    }
    if !facts.has_tmp {
        tree.folder("tmp", 0o1777);
    }
    Ok(tree)
}

/// Lines of the account in the base's files; gives back those of `/etc/passwd`.
fn account_files(tree: &mut FileTree, facts: &BaseFacts, account: &Account) -> Result<Vec<u8>, AccountError> {
    fn bytes(file: &Option<BaseFile>) -> Option<&[u8]> {
        file.as_ref().map(|file| file.bytes.as_slice())
    }
    let users = passwd(bytes(&facts.passwd), account, facts.shadow.is_some())?;
    let groups = group(bytes(&facts.group), account)?;
    put(tree, "etc/passwd", facts.passwd.as_ref(), 0o644, users.clone());
    put(tree, "etc/group", facts.group.as_ref(), 0o644, groups);
    if let Some(file) = &facts.shadow {
        put(tree, "etc/shadow", Some(file), file.mode, shadow(&file.bytes, account.name()));
    }
    if let Some(file) = &facts.gshadow {
        put(tree, "etc/gshadow", Some(file), file.mode, gshadow(&file.bytes, account.name()));
    }
    Ok(users)
}

/// Puts a file in the place of the base's, with its mode and owner.
fn put(tree: &mut FileTree, path: &str, old: Option<&BaseFile>, mode: u32, bytes: Vec<u8>) {
    let (mode, owner) = old.map_or((mode, (0, 0)), |old| (old.mode, old.owner));
    tree.owned_file(path, mode, owner, Content::Bytes(bytes));
}

/// A `.bashrc` that activates the environment.
fn bashrc(tree: &mut FileTree, path: &str, old: Option<&BaseFile>) {
    let text = with_line(old.map_or(b"".as_slice(), |old| &old.bytes));
    put(tree, path, old, 0o644, text);
}

/// The account's home, open to all, with what the skeleton has. Root's is its own, and so is one outside of `/home`,
/// which an account of the base may have.
fn home(tree: &mut FileTree, facts: &BaseFacts, account: &Account, users: &[u8]) {
    tree.folder("home", 0o777);
    let home = home_of(users, |name, _| name == account.name()).unwrap_or_else(|| account.home());
    let below_home = home.starts_with("/home/") && !home.split('/').any(|part| part == "..");
    if account.uid() == 0 || !below_home {
        return;
    }
    let home = home.trim_matches('/');
    let owner = (account.uid().into(), account.gid().into());
    tree.owned_folder(home, 0o777, owner);
    for (name, file) in facts.skeleton.iter().filter(|(name, _)| *name != ".bashrc") {
        for (end, _) in name.match_indices('/') {
            tree.owned_folder(&format!("{home}/{}", &name[..end]), 0o777, owner);
        }
        tree.owned_file(
            &format!("{home}/{name}"),
            open(file.mode),
            owner,
            Content::Bytes(file.bytes.clone()),
        );
    }
    let skeleton = facts.skeleton.get(".bashrc");
    let text = with_line(skeleton.map_or(b"".as_slice(), |file| &file.bytes));
    let mode = open(skeleton.map_or(0o644, |file| file.mode));
    tree.owned_file(&format!("{home}/.bashrc"), mode, owner, Content::Bytes(text));
}

/// All may read and write, and execute what somebody may.
fn open(mode: u32) -> u32 {
    let execute = if mode & 0o111 == 0 { 0 } else { 0o111 };
    mode & 0o7000 | 0o666 | execute
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::family;
    use mambox_build::FIXED_TIME;
    use mambox_testkit::listing;

    fn file(text: &str, mode: u32, gid: u64) -> BaseFile {
        BaseFile { bytes: text.into(), mode, owner: (0, gid) }
    }

    #[test]
    fn a_full_base_keeps_modes_and_owners() {
        let facts = BaseFacts {
            passwd: Some(file("root:x:0:0:root:/root:/bin/bash\n", 0o644, 0)),
            group: Some(file("root:x:0:\n", 0o644, 0)),
            shadow: Some(file("root:*:19000:0:99999:7:::\n", 0o640, 42)),
            gshadow: Some(file("root:*::\n", 0o640, 42)),
            root_bashrc: Some(file("alias r=ls\n", 0o600, 0)),
            skeleton: [(".bashrc", 0o644), (".config/app/x", 0o600), ("run", 0o755)]
                .map(|(name, mode)| (name.into(), file("x\n", mode, 0)))
                .into(),
            has_bash: true,
            has_certificates: true,
            has_tmp: true,
            ..BaseFacts::default()
        };
        let tree = accounts(&family(), &facts, true).unwrap();
        insta::assert_snapshot!(listing(&tree.to_bytes(FIXED_TIME)), @"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        -rwxrwxrwx 0:0 1980-01-01T00:00:00Z 10 etc/arg_mamba_user
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 29 etc/group
        -rw-r----- 0:42 1980-01-01T00:00:00Z 23 etc/gshadow
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 92 etc/passwd
        -rw-r----- 0:42 1980-01-01T00:00:00Z 52 etc/shadow
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/skel/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 104 etc/skel/.bashrc
        drwxrwxrwx 0:0 1980-01-01T00:00:00Z 0 home/
        drwxrwxrwx 57439:57439 1980-01-01T00:00:00Z 0 home/mambauser/
        -rw-rw-rw- 57439:57439 1980-01-01T00:00:00Z 104 home/mambauser/.bashrc
        drwxrwxrwx 57439:57439 1980-01-01T00:00:00Z 0 home/mambauser/.config/
        drwxrwxrwx 57439:57439 1980-01-01T00:00:00Z 0 home/mambauser/.config/app/
        -rw-rw-rw- 57439:57439 1980-01-01T00:00:00Z 2 home/mambauser/.config/app/x
        -rwxrwxrwx 57439:57439 1980-01-01T00:00:00Z 2 home/mambauser/run
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
        drwxrwxrwx 0:0 1980-01-01T00:00:00Z 0 opt/conda/
        drwxrwxrwx 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
        drwx------ 0:0 1980-01-01T00:00:00Z 0 root/
        -rw------- 0:0 1980-01-01T00:00:00Z 113 root/.bashrc
        ");
    }

    #[test]
    fn a_bare_base_gets_all_that_programs_expect() {
        let tree = accounts(&family(), &BaseFacts::default(), false).unwrap();
        insta::assert_snapshot!(listing(&tree.to_bytes(FIXED_TIME)), @"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        -rwxrwxrwx 0:0 1980-01-01T00:00:00Z 10 etc/arg_mamba_user
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 29 etc/group
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 90 etc/passwd
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/skel/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 102 etc/skel/.bashrc
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/ssl/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/ssl/certs/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 178673 etc/ssl/certs/ca-certificates.crt
        drwxrwxrwx 0:0 1980-01-01T00:00:00Z 0 home/
        drwxrwxrwx 57439:57439 1980-01-01T00:00:00Z 0 home/mambauser/
        -rw-rw-rw- 57439:57439 1980-01-01T00:00:00Z 102 home/mambauser/.bashrc
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
        drwxrwxrwx 0:0 1980-01-01T00:00:00Z 0 opt/conda/
        drwxrwxrwx 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
        drwx------ 0:0 1980-01-01T00:00:00Z 0 root/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 102 root/.bashrc
        drwxrwxrwt 0:0 1980-01-01T00:00:00Z 0 tmp/
        ");
    }

    #[test]
    fn clashes_are_named_by_the_keys_of_the_file() {
        let taken =
            BaseFacts { passwd: Some(file("me:x:57439:1::/:/bin/sh\n", 0o644, 0)), ..BaseFacts::default() };
        let error = accounts(&family(), &taken, true).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"/etc/passwd: id 57439 belongs to 'me' already: choose another user.uid, or remove 'me' before");
    }

    #[test]
    fn the_entry_program_is_one_file_of_many_names() {
        insta::assert_snapshot!(listing(&entry_programs(b"ELF".into()).to_bytes(FIXED_TIME)), @"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 .singularity.d/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 .singularity.d/env/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 226 .singularity.d/env/05-mambox.sh
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 360 .singularity.d/env/95-mambox.sh
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 130 .singularity.d/env/99-mambox.sh
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/profile.d/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 281 etc/profile.d/mambox.sh
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/bin/
        -rwxr-xr-x 0:0 1980-01-01T00:00:00Z 2294 usr/local/bin/_activate_current_env.sh
        -rwxr-xr-x 0:0 1980-01-01T00:00:00Z 3 usr/local/bin/_apptainer_shell.sh
        hrwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/bin/_dockerfile_initialize_user_accounts.sh => usr/local/bin/_apptainer_shell.sh
        hrwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/bin/_dockerfile_setup_root_prefix.sh => usr/local/bin/_apptainer_shell.sh
        hrwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/bin/_dockerfile_shell.sh => usr/local/bin/_apptainer_shell.sh
        hrwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/bin/_entrypoint.sh => usr/local/bin/_apptainer_shell.sh
        hrwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/local/bin/mambox-init => usr/local/bin/_apptainer_shell.sh
        ");
    }
}
