//! The account that is asked for.

use crate::AccountError;

/// What images of the family call their user, unless told otherwise.
pub const DEFAULT_USER: &str = "mambauser";
/// Its user id and group id.
pub const DEFAULT_ID: u32 = 57439;

/// By what names a person sets the account, for messages: variables in a Dockerfile, keys in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// That of the user's name.
    pub user: &'static str,
    /// That of the user's id.
    pub uid: &'static str,
    /// That of the group's id.
    pub gid: &'static str,
}

/// A user with a group of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    uid: u32,
    gid: u32,
    shell: &'static str,
    settings: Settings,
}

impl Account {
    /// An account whose logins get `shell`, a path. Fails where the name would forge a line or a path.
    pub fn new(
        name: &str,
        uid: u32,
        gid: u32,
        shell: &'static str,
        settings: Settings,
    ) -> Result<Self, AccountError> {
        if !is_user_name(name) {
            return Err(AccountError::Name { setting: settings.user, name: name.into() });
        }
        Ok(Self { name: name.into(), uid, gid, shell, settings })
    }

    /// The name of user and group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user's id.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The group's id.
    pub fn gid(&self) -> u32 {
        self.gid
    }

    /// The program of its logins.
    pub fn shell(&self) -> &'static str {
        self.shell
    }

    /// Where its home is made.
    pub fn home(&self) -> String {
        format!("/home/{}", self.name)
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings
    }
}

/// Names that the tools of all families take (shadow's and busybox' rules), so that no field of an account file and
/// no path can be forged by one.
fn is_user_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_');
    first && name.len() <= 32 && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.".contains(&c))
}

/// The id that a text holds; the highest number means "no id" to the kernel.
pub fn parse_id(value: &str, setting: &'static str) -> Result<u32, AccountError> {
    let digits = value.bytes().all(|c| c.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && *number != u32::MAX);
    number.ok_or_else(|| AccountError::Id { setting, value: value.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings { user: "MAMBA_USER", uid: "MAMBA_USER_ID", gid: "MAMBA_USER_GID" };

    #[test]
    fn names_and_ids_that_would_forge_a_line_are_refused() {
        let account = |name: &str| Account::new(name, 1, 1, "/bin/sh", SETTINGS);
        assert_eq!(account("kai.x-1").unwrap().home(), "/home/kai.x-1");
        for name in ["a:b", "a\nroot", "..", "a/b", "-a", "1a", "ä", "", &"a".repeat(33)] {
            let error = account(name).unwrap_err().to_string();
            assert!(error.contains("MAMBA_USER") && error.contains(&format!("{name:?}")), "{error}");
        }
        assert_eq!(parse_id("57439", "MAMBA_USER_ID"), Ok(57439));
        for id in ["-1", "+1", "1:0", "4294967295", "99999999999", "x", " 1", ""] {
            let error = parse_id(id, "MAMBA_USER_ID").unwrap_err().to_string();
            assert!(error.contains("MAMBA_USER_ID") && error.contains(id), "{error}");
        }
    }
}
