//! The account that is asked for.

use super::error::AccountError;
use crate::world::World;

/// What images of the family call their user, unless told otherwise.
const USER: &str = "mambauser";
/// Its user id and group id.
const ID: u32 = 57439;

/// A user with a group of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The name of user and group.
    pub(crate) name: String,
    /// The user's id.
    pub(crate) uid: u32,
    /// The group's id.
    pub(crate) gid: u32,
    /// The program of its logins.
    pub(crate) shell: &'static str,
}

impl Account {
    /// The account that `MAMBA_USER`, `MAMBA_USER_ID` and `MAMBA_USER_GID` ask for.
    ///
    /// Its shell is bash, or `/bin/sh` in a base that has only that.
    pub(crate) fn wanted(world: &World) -> Result<Self, AccountError> {
        let name = world.variable("MAMBA_USER").unwrap_or(USER);
        if !is_user_name(name) {
            return Err(AccountError::Name { name: name.into() });
        }
        let only_sh = !world.root.is_program("/bin/bash") && world.root.is_program("/bin/sh");
        Ok(Self {
            name: name.into(),
            uid: id(world, "MAMBA_USER_ID")?,
            gid: id(world, "MAMBA_USER_GID")?,
            shell: if only_sh { "/bin/sh" } else { "/bin/bash" },
        })
    }

    /// Where its home is made.
    pub(crate) fn home(&self) -> String {
        format!("/home/{}", self.name)
    }
}

/// Names that the tools of all families take (shadow's and busybox' rules), so that no field of an account file and
/// no path can be forged by one.
fn is_user_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_');
    first && name.len() <= 32 && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.".contains(&c))
}

/// The id that a variable holds; the highest number means "no id" to the kernel.
fn id(world: &World, variable: &'static str) -> Result<u32, AccountError> {
    let Some(value) = world.variable(variable) else { return Ok(ID) };
    let digits = value.bytes().all(|c| c.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && *number != u32::MAX);
    number.ok_or_else(|| AccountError::Id { variable, value: value.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;

    fn wanted(variables: &[(&str, &str)]) -> Result<Account, String> {
        Account::wanted(&Image::new(&[]).world(variables)).map_err(|e| e.to_string())
    }

    #[test]
    fn the_familys_user_is_the_default_and_variables_choose_another() {
        let default = Account { name: "mambauser".into(), uid: 57439, gid: 57439, shell: "/bin/bash" };
        assert_eq!(wanted(&[]).unwrap(), default);
        let variables = [("MAMBA_USER", "kai.x-1"), ("MAMBA_USER_ID", "1000"), ("MAMBA_USER_GID", "0")];
        let other = Account { name: "kai.x-1".into(), uid: 1000, gid: 0, shell: "/bin/bash" };
        assert_eq!(wanted(&variables).unwrap(), other);
        assert_eq!(other.home(), "/home/kai.x-1");
    }

    #[test]
    fn a_base_that_has_only_sh_gives_that_to_its_users() {
        let shell = |image: Image| Account::wanted(&image.world(&[])).unwrap().shell;
        assert_eq!(shell(Image::new(&[]).with_program("/bin/sh")), "/bin/sh");
        assert_eq!(shell(Image::new(&[]).with_program("/bin/sh").with_program("/bin/bash")), "/bin/bash");
    }

    #[test]
    fn names_and_ids_that_would_forge_a_line_are_refused() {
        let long = "a".repeat(33);
        for name in ["a:b", "a\nroot", "..", "a/b", "-a", "1a", "ä", "", &long] {
            // An empty variable counts as unset, as everywhere.
            assert_eq!(wanted(&[("MAMBA_USER", name)]).is_err(), !name.is_empty(), "{name}");
        }
        for id in ["-1", "+1", "1:0", "4294967295", "99999999999", "x", " 1"] {
            let error = wanted(&[("MAMBA_USER_ID", id)]).unwrap_err();
            assert!(error.contains("MAMBA_USER_ID") && error.contains(id), "{error}");
        }
    }
}
