//! Account files as texts: a line is added, or is there already, or something is in the way.
//!
//! Lines are bytes: comments of other systems' accounts may be in any encoding. What is not understood
//! stays as it is.

use crate::{Account, AccountError, Settings};

/// A base without accounts still needs a root, or `id` and `getpwuid` fail.
const ROOT_PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/sh\n";
const ROOT_GROUP: &[u8] = b"root:x:0:\n";
/// Where passwd and group have the id (passwd(5), group(5)).
const ID_FIELD: usize = 2;

/// `/etc/passwd` with the account. Without a shadow file no password can be there: `!` matches none.
pub fn passwd(text: Option<&[u8]>, account: &Account, shadow: bool) -> Result<Vec<u8>, AccountError> {
    let text = text.unwrap_or(ROOT_PASSWD);
    let (name, uid, gid, settings) = (account.name(), account.uid(), account.gid(), account.settings());
    let ids = Ids { file: "/etc/passwd", name, settings };
    if let Some(line) = ids.find(text, uid, settings.uid)? {
        ids.agrees(field(line, 3), gid, settings.gid)?;
        return Ok(text.to_vec());
    }
    let password = if shadow { 'x' } else { '!' };
    let (home, shell) = (account.home(), account.shell());
    Ok(appended(text, &format!("{name}:{password}:{uid}:{gid}:{name}:{home}:{shell}")))
}

/// `/etc/group` with the account's group.
pub fn group(text: Option<&[u8]>, account: &Account) -> Result<Vec<u8>, AccountError> {
    let text = text.unwrap_or(ROOT_GROUP);
    let (name, gid, settings) = (account.name(), account.gid(), account.settings());
    let found = Ids { file: "/etc/group", name, settings }.find(text, gid, settings.gid)?;
    let line = format!("{name}:x:{gid}:");
    Ok(if found.is_some() { text.to_vec() } else { appended(text, &line) })
}

/// `/etc/shadow` with the account: no password. The day of the last change is left open, which means
/// "never expires" and keeps the clock out of the image.
pub fn shadow(text: &[u8], name: &str) -> Vec<u8> {
    listed(text, name, &format!("{name}:!::0:99999:7:::"))
}

/// `/etc/gshadow` with the account's group: no password, no members.
pub fn gshadow(text: &[u8], name: &str) -> Vec<u8> {
    listed(text, name, &format!("{name}:!::"))
}

/// The home that `/etc/passwd` gives a user.
pub fn home_of(passwd: &[u8], is_user: impl Fn(&str, u32) -> bool) -> Option<String> {
    let line = passwd.split(|byte| *byte == b'\n').find(|line| {
        let id = field(line, 2).and_then(|id| id.parse().ok());
        field(line, 0).zip(id).is_some_and(|(name, id)| is_user(name, id))
    })?;
    field(line, 5).filter(|home| home.starts_with('/')).map(str::to_owned)
}

/// Names and ids of a file, one of each in a line.
struct Ids<'a> {
    file: &'static str,
    name: &'a str,
    settings: Settings,
}

impl Ids<'_> {
    /// The line of the name, if it is there with that id; an error if either is there without the other.
    fn find<'t>(
        &self,
        text: &'t [u8],
        id: u32,
        setting: &'static str,
    ) -> Result<Option<&'t [u8]>, AccountError> {
        let lines = || text.split(|byte| *byte == b'\n');
        if let Some(line) = lines().find(|line| field(line, 0) == Some(self.name)) {
            self.agrees(field(line, ID_FIELD), id, setting)?;
            return Ok(Some(line));
        }
        let same = |line: &&[u8]| field(line, ID_FIELD).and_then(|found| found.parse().ok()) == Some(id);
        let Some(line) = lines().find(same) else { return Ok(None) };
        let owner = field(line, 0).unwrap_or_default().into();
        Err(AccountError::IdTaken { file: self.file, id, owner, setting })
    }

    /// An error if the name's line holds another id than the one asked for.
    fn agrees(&self, found: Option<&str>, wanted: u32, setting: &'static str) -> Result<(), AccountError> {
        let found = found.unwrap_or_default();
        if found.parse() == Ok(wanted) {
            return Ok(());
        }
        let (name, found, user) = (self.name.into(), found.into(), self.settings.user);
        Err(AccountError::NameTaken { file: self.file, name, found, wanted, setting, user })
    }
}

/// A field of a line, counted from 0.
fn field(line: &[u8], number: usize) -> Option<&str> {
    line.split(|byte| *byte == b':').nth(number).and_then(|field| std::str::from_utf8(field).ok())
}

/// The text with a line, unless one of that name is there.
fn listed(text: &[u8], name: &str, line: &str) -> Vec<u8> {
    let there = text.split(|byte| *byte == b'\n').any(|line| field(line, 0) == Some(name));
    if there { text.to_vec() } else { appended(text, line) }
}

fn appended(text: &[u8], line: &str) -> Vec<u8> {
    let newline: &[u8] = if text.is_empty() || text.ends_with(b"\n") { b"" } else { b"\n" };
    [text, newline, line.as_bytes(), b"\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let settings = Settings { user: "MAMBA_USER", uid: "MAMBA_USER_ID", gid: "MAMBA_USER_GID" };
        Account::new("mambauser", 57439, 57440, "/bin/bash", settings).unwrap()
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_account_is_added_once() {
        let base = b"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false";
        let once = passwd(Some(base), &account(), true).unwrap();
        assert_eq!(passwd(Some(&once), &account(), true).unwrap(), once);
        insta::assert_snapshot!(text(once), @r"
        root:x:0:0:root:/root:/bin/bash
        nobody:x:65534:65534::/:/bin/false
        mambauser:x:57439:57440:mambauser:/home/mambauser:/bin/bash
        ");
        let once = group(Some(b"root:x:0:\n"), &account()).unwrap();
        assert_eq!(group(Some(&once), &account()).unwrap(), once);
        insta::assert_snapshot!(text(once), @r"
        root:x:0:
        mambauser:x:57440:
        ");
    }

    #[test]
    fn shadow_files_get_a_line_without_password_or_date() {
        let once = shadow(b"root:*:19000:0:99999:7:::\n", "mambauser");
        assert_eq!(shadow(&once, "mambauser"), once);
        insta::assert_snapshot!(text(once), @r"
        root:*:19000:0:99999:7:::
        mambauser:!::0:99999:7:::
        ");
        let once = gshadow(b"root:*::\n", "mambauser");
        assert_eq!(gshadow(&once, "mambauser"), once);
        insta::assert_snapshot!(text(once), @r"
        root:*::
        mambauser:!::
        ");
    }

    #[test]
    fn a_base_without_files_gets_root_too() {
        insta::assert_snapshot!(text(passwd(None, &account(), false).unwrap()), @r"
        root:x:0:0:root:/root:/bin/sh
        mambauser:!:57439:57440:mambauser:/home/mambauser:/bin/bash
        ");
        insta::assert_snapshot!(text(group(None, &account()).unwrap()), @r"
        root:x:0:
        mambauser:x:57440:
        ");
    }

    #[test]
    fn clashes_say_who_is_in_the_way_and_what_to_do() {
        let clash = |line: &str| passwd(Some(line.as_bytes()), &account(), true).unwrap_err().to_string();
        insta::assert_snapshot!(clash("mambauser:x:1000:57440::/:/bin/sh"), @"/etc/passwd: 'mambauser' is there already, with id 1000 and not 57439: set MAMBA_USER_ID=1000, or choose another MAMBA_USER");
        insta::assert_snapshot!(clash("mambauser:x:57439:100::/:/bin/sh"), @"/etc/passwd: 'mambauser' is there already, with id 100 and not 57440: set MAMBA_USER_GID=100, or choose another MAMBA_USER");
        insta::assert_snapshot!(clash("ubuntu:x:57439:1::/:/bin/sh"), @"/etc/passwd: id 57439 belongs to 'ubuntu' already: choose another MAMBA_USER_ID, or remove 'ubuntu' before");
        let clash = group(Some(b"users:x:57440:"), &account()).unwrap_err().to_string();
        insta::assert_snapshot!(clash, @"/etc/group: id 57440 belongs to 'users' already: choose another MAMBA_USER_GID, or remove 'users' before");
    }

    #[test]
    fn lines_that_are_not_understood_stay() {
        let strange = b"# comment\n\n+::::::\nold:x:5:5:J\xf6rg:/:/bin/sh\nshort:x\n";
        let edited = passwd(Some(strange), &account(), true).unwrap();
        assert!(edited.starts_with(strange));
    }

    #[test]
    fn the_home_of_a_user_by_name_or_id() {
        let passwd = b"short:x\na:x:1:1:J\xf6rg:/home/a:/bin/sh\nb:x:2:2:::/bin/sh\nc:x:3:3::/c";
        assert_eq!(home_of(passwd, |name, _| name == "a").as_deref(), Some("/home/a"));
        assert_eq!(home_of(passwd, |_, id| id == 3).as_deref(), Some("/c"));
        assert_eq!(home_of(passwd, |name, _| name == "b"), None);
        assert_eq!(home_of(passwd, |_, id| id == 9), None);
    }
}
