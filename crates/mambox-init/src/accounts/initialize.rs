//! The whole of the program: account files, start files of shells, the home, the user's name.

use std::path::Path;

use mambox_accounts::{Account, group, gshadow, home_of, passwd, shadow, with_line};

use super::error::AccountError;
use super::{home, wanted::wanted};
use crate::replace::{Owner, replace};
use crate::root::Root;
use crate::world::World;
use crate::{open, user};

/// Makes the account that the variables ask for. Doing it twice is doing it once.
///
/// All files are read and checked before the first is written.
pub(crate) fn initialize(world: &World) -> Result<(), AccountError> {
    if world.uid != 0 {
        return Err(AccountError::NotRoot);
    }
    make(&world.root, &wanted(world)?)
}

fn make(root: &Root, account: &Account) -> Result<(), AccountError> {
    let read = |path: &'static str| root.read(path).map_err(AccountError::io("read", path));
    let (shadows, gshadows) = (read("/etc/shadow")?, read("/etc/gshadow")?);
    let users = passwd(read("/etc/passwd")?.as_deref(), account, shadows.is_some())?;
    let groups = group(read("/etc/group")?.as_deref(), account)?;

    for folder in ["/etc", "/home", "/etc/skel"] {
        home::folder(&root.at(folder), 0o755, None)?;
    }
    home::folder(&root.at("/root"), 0o700, None)?;
    write(root, "/etc/group", &groups, 0o644)?;
    if let Some(text) = gshadows {
        write(root, "/etc/gshadow", &gshadow(&text, account.name()), 0o640)?;
    }
    if let Some(text) = shadows {
        write(root, "/etc/shadow", &shadow(&text, account.name()), 0o640)?;
    }
    write(root, "/etc/passwd", &users, 0o644)?;

    for file in ["/root/.bashrc", "/etc/skel/.bashrc"] {
        activating(&root.at(file), None)?;
    }
    make_home(root, account, &users)?;
    // Who renames the user as somebody else than root must be able to write the new name.
    write(root, user::FILE, format!("{}\n", account.name()).as_bytes(), 0o777)
        .and_then(|()| open_to_all(&root.at(user::FILE)))
}

/// The home of the account, or of the one that was there by its name; that of root stays its own.
fn make_home(root: &Root, account: &Account, users: &[u8]) -> Result<(), AccountError> {
    open_to_all(&root.at("/home"))?;
    if account.uid() == 0 {
        return Ok(());
    }
    let place = home_of(users, |name, _| name == account.name()).unwrap_or_else(|| account.home());
    // An account of the base may live in /bin or /, which must not be opened to all.
    if !place.starts_with("/home/") || place.contains("..") {
        return Ok(());
    }
    let place = root.at(place);
    let owner = (account.uid(), account.gid());
    home::folder(&place, 0o777, Some(owner))?;
    home::copy(&root.at("/etc/skel"), &place, owner)?;
    activating(&place.join(".bashrc"), Some(owner))?;
    open::tree_to_all(&place).map_err(AccountError::io("open to all", &place))
}

/// Lets a `.bashrc` activate the environment.
fn activating(path: &Path, owner: Owner) -> Result<(), AccountError> {
    let text = Root::default().read(path).map_err(AccountError::io("read", path))?.unwrap_or_default();
    replace(path, &with_line(&text), 0o644, owner).map_err(AccountError::io("write", path))
}

fn write(root: &Root, path: &'static str, bytes: &[u8], mode: u32) -> Result<(), AccountError> {
    replace(&root.at(path), bytes, mode, None).map_err(AccountError::io("write", path))
}

fn open_to_all(path: &Path) -> Result<(), AccountError> {
    open::to_all(path).map_err(AccountError::io("open to all", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    /// An account with the ids of whoever runs the tests, since only root may give files away.
    fn account() -> Account {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        // Root's home is its own business; any other id is as good where root can give files away.
        let (uid, gid) = if uid == 0 { (57439, 57439) } else { (uid, gid) };
        super::super::wanted::account(uid, gid)
    }

    /// Mode and content of the files and folders below the root, without account files.
    fn listing(root: &Root) -> String {
        fn walk(root: &Path, folder: &Path, lines: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let found = fs::symlink_metadata(&path).unwrap();
                let name = path.strip_prefix(root).unwrap().display().to_string();
                if found.is_dir() {
                    lines.push(format!("{name}/ {:o}", found.permissions().mode() & 0o7777));
                    walk(root, &path, lines);
                } else if found.is_symlink() {
                    lines.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
                } else {
                    let text = fs::read_to_string(&path).unwrap().replace('\n', "|");
                    lines.push(format!("{name} {:o} {text}", found.permissions().mode() & 0o7777));
                }
            }
        }
        let mut lines = Vec::new();
        walk(&root.at("/"), &root.at("/"), &mut lines);
        lines.sort();
        let ids = format!(":{}:{}:", account().uid(), account().gid());
        lines.join("\n").replace(&ids, ":UID:GID:").replace(&format!(":{}:", account().gid()), ":GID:")
    }

    #[test]
    fn an_account_gets_its_lines_its_home_and_an_active_bash() {
        let image = Image::new(&[
            ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"),
            ("/etc/group", "root:x:0:\n"),
            ("/etc/shadow", "root:*:19000:0:99999:7:::\n"),
            ("/etc/skel/.bashrc", "alias l=ls\n"),
            ("/etc/skel/.config/x", "1\n"),
            ("/root/.bashrc", "alias r=ls\n"),
        ]);
        let root = image.root();
        fs::set_permissions(root.at("/etc/shadow"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink(".bashrc", root.at("/etc/skel/.kshrc")).unwrap();
        make(&root, &account()).unwrap();
        let once = listing(&root);
        make(&root, &account()).unwrap();
        assert_eq!(listing(&root), once);
        insta::assert_snapshot!(once, @r"
        etc/ 755
        etc/arg_mamba_user 777 mambauser|
        etc/group 644 root:x:0:|mambauser:x:GID:|
        etc/passwd 644 root:x:0:0:root:/root:/bin/bash|mambauser:x:UID:GID:mambauser:/home/mambauser:/bin/bash|
        etc/shadow 640 root:*:19000:0:99999:7:::|mambauser:!::0:99999:7:::|
        etc/skel/ 755
        etc/skel/.bashrc 644 alias l=ls|if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi|
        etc/skel/.config/ 755
        etc/skel/.config/x 644 1|
        etc/skel/.kshrc -> .bashrc
        home/ 777
        home/mambauser/ 777
        home/mambauser/.bashrc 666 alias l=ls|if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi|
        home/mambauser/.config/ 777
        home/mambauser/.config/x 666 1|
        home/mambauser/.kshrc -> .bashrc
        root/ 755
        root/.bashrc 644 alias r=ls|if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi|
        ");
        assert_eq!(fs::metadata(root.at("/home/mambauser/.config/x")).unwrap().uid(), account().uid());
    }

    #[test]
    fn a_base_with_nothing_gets_all_that_is_needed() {
        let image = Image::new(&[]);
        make(&image.root(), &account()).unwrap();
        insta::assert_snapshot!(listing(&image.root()), @r"
        etc/ 755
        etc/arg_mamba_user 777 mambauser|
        etc/group 644 root:x:0:|mambauser:x:GID:|
        etc/passwd 644 root:x:0:0:root:/root:/bin/sh|mambauser:!:UID:GID:mambauser:/home/mambauser:/bin/bash|
        etc/skel/ 755
        etc/skel/.bashrc 644 if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi|
        home/ 777
        home/mambauser/ 777
        home/mambauser/.bashrc 666 if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi|
        root/ 700
        root/.bashrc 644 if [ -r /usr/local/bin/_activate_current_env.sh ]; then . /usr/local/bin/_activate_current_env.sh; fi|
        ");
    }

    #[test]
    fn a_clash_leaves_everything_as_it_was() {
        let group = format!("root:x:0:\nusers:x:{}:\n", account().gid());
        let image = Image::new(&[("/etc/passwd", "root:x:0:0::/root:/bin/sh\n"), ("/etc/group", &group)]);
        let before = listing(&image.root());
        assert!(matches!(make(&image.root(), &account()), Err(AccountError::Account(_))));
        assert_eq!(listing(&image.root()), before);
    }

    #[test]
    fn the_home_of_a_base_s_account_is_opened_only_below_home() {
        let (uid, gid) = (account().uid(), account().gid());
        let passwd = format!("mambauser:x:{uid}:{gid}::/bin:/bin/sh\n");
        let image = Image::new(&[("/etc/passwd", &passwd), ("/bin/tool", "")]);
        make(&image.root(), &account()).unwrap();
        let mode = fs::metadata(image.root().at("/bin/tool")).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0);
    }

    #[test]
    fn what_a_home_holds_already_stays() {
        let image = Image::new(&[
            ("/etc/skel/.profile", "new\n"),
            ("/etc/skel/.bashrc", "new\n"),
            ("/home/mambauser/.profile", "mine\n"),
            ("/home/mambauser/.bashrc", "mine\n"),
        ]);
        make(&image.root(), &account()).unwrap();
        let read = |path: &str| fs::read_to_string(image.root().at(path)).unwrap();
        assert_eq!(read("/home/mambauser/.profile"), "mine\n");
        assert!(
            read("/home/mambauser/.bashrc").starts_with("mine\n")
                && read("/home/mambauser/.bashrc").contains(mambox_accounts::SCRIPT)
        );
    }

    #[test]
    fn only_root_makes_accounts() {
        let world = World { uid: 1000, ..Image::new(&[]).world(&[]) };
        assert!(matches!(initialize(&world), Err(AccountError::NotRoot)));
    }
}
