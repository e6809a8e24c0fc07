//! The unprivileged account that an image runs as, as lines of `/etc/passwd` and `/etc/group`.
//!
//! Name and ids are those of the family of micromamba images, so that a Dockerfile which expects them
//! finds them. Nothing is run in the base: its files are extended by text.

use crate::BuildError;

/// The account's name, and its group's.
pub(crate) const USER: &str = "mambauser";
/// The account's user and group id.
pub(crate) const ID: u32 = 57439;
/// Its home. Group 0 may write there, since an arbitrary UID comes with that group.
pub(crate) const HOME: &str = "/home/mambauser";

/// A base without accounts still needs a root, or `id` and `getpwuid` fail.
const ROOT_PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n";
const ROOT_GROUP: &str = "root:x:0:\n";

/// The account as an image's `User`: numbers, since Kubernetes' `runAsNonRoot` refuses names.
pub(crate) fn numeric() -> String {
    format!("{ID}:{ID}")
}

/// `/etc/passwd` with the account, given the base's; `shell` is what the base has. Without one, the usual
/// path stands there, as in the passwd files of distroless images.
///
/// The password field is `*`, which nothing matches, and not `x`: that sends PAM to `/etc/shadow`, where the account
/// is not, and `su` refuses it even to root.
pub(crate) fn passwd(base: Option<&str>, shell: Option<&str>) -> Result<String, BuildError> {
    let shell = shell.unwrap_or("/bin/sh");
    let line = format!("{USER}:*:{ID}:{ID}:{USER}:{HOME}:{shell}");
    extend("/etc/passwd", base.unwrap_or(ROOT_PASSWD), &line)
}

/// `/etc/group` with the account's group, given the base's.
pub(crate) fn group(base: Option<&str>) -> Result<String, BuildError> {
    extend("/etc/group", base.unwrap_or(ROOT_GROUP), &format!("{USER}:x:{ID}:"))
}

/// Whether the base's `/etc/passwd` knows a name.
pub(crate) fn knows(passwd: &str, name: &str) -> bool {
    passwd.lines().any(|line| line.split(':').next() == Some(name))
}

fn extend(file: &'static str, base: &str, line: &str) -> Result<String, BuildError> {
    for existing in base.lines() {
        let mut fields = existing.split(':');
        let (name, id) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
        match (name == USER, id == ID.to_string()) {
            (true, true) => return Ok(base.into()),
            (false, false) => {}
            _ => return Err(BuildError::Account { file, existing: existing.chars().take(200).collect() }),
        }
    }
    let newline = if base.is_empty() || base.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{base}{newline}{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_added_once() {
        let base = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false";
        let once = passwd(Some(base), Some("/bin/bash")).unwrap();
        insta::assert_snapshot!(once, @r"
        root:x:0:0:root:/root:/bin/bash
        nobody:x:65534:65534::/:/bin/false
        mambauser:*:57439:57439:mambauser:/home/mambauser:/bin/bash
        ");
        assert_eq!(passwd(Some(&once), Some("/bin/bash")).unwrap(), once);
        assert!(knows(&once, USER) && !knows(&once, "mamba"));
    }

    #[test]
    fn a_base_without_accounts_gets_root_too() {
        insta::assert_snapshot!(group(None).unwrap(), @r"
        root:x:0:
        mambauser:x:57439:
        ");
    }

    #[test]
    fn a_clash_is_named() {
        for taken in ["mambauser:x:1000:1000::/:/bin/sh", "other:x:57439:1::/:/bin/sh"] {
            let error = passwd(Some(taken), Some("/bin/sh")).unwrap_err().to_string();
            assert!(error.contains(taken), "{error}");
        }
    }
}
