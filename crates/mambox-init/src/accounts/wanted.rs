//! The account that a Dockerfile asks for.

use mambox_accounts::{Account, AccountError, DEFAULT_ID, DEFAULT_USER, Settings, parse_id};

use crate::world::World;

const SETTINGS: Settings = Settings { user: "MAMBA_USER", uid: "MAMBA_USER_ID", gid: "MAMBA_USER_GID" };

/// The account that `MAMBA_USER`, `MAMBA_USER_ID` and `MAMBA_USER_GID` ask for.
///
/// Its shell is bash, or `/bin/sh` in a base that has only that.
pub(super) fn wanted(world: &World) -> Result<Account, AccountError> {
    let id = |setting| world.variable(setting).map_or(Ok(DEFAULT_ID), |value| parse_id(value, setting));
    let only_sh = !world.root.is_program("/bin/bash") && world.root.is_program("/bin/sh");
    let shell = if only_sh { "/bin/sh" } else { "/bin/bash" };
    let name = world.variable(SETTINGS.user).unwrap_or(DEFAULT_USER);
    Account::new(name, id(SETTINGS.uid)?, id(SETTINGS.gid)?, shell, SETTINGS)
}

#[cfg(test)]
pub(super) fn account(uid: u32, gid: u32) -> Account {
    Account::new(DEFAULT_USER, uid, gid, "/bin/bash", SETTINGS).expect("a good name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;

    #[test]
    fn the_familys_user_is_the_default_and_variables_choose_another() {
        let told = |variables: &[(&str, &str)]| {
            let account = wanted(&Image::new(&[]).world(variables)).unwrap();
            format!("{} {}:{} {}", account.name(), account.uid(), account.gid(), account.shell())
        };
        assert_eq!(told(&[]), "mambauser 57439:57439 /bin/bash");
        // An empty variable counts as unset, as everywhere.
        assert_eq!(told(&[("MAMBA_USER", ""), ("MAMBA_USER_ID", "")]), "mambauser 57439:57439 /bin/bash");
        let variables = [("MAMBA_USER", "kai.x-1"), ("MAMBA_USER_ID", "1000"), ("MAMBA_USER_GID", "0")];
        assert_eq!(told(&variables), "kai.x-1 1000:0 /bin/bash");
        let error = wanted(&Image::new(&[]).world(&[("MAMBA_USER_GID", "-1")])).unwrap_err().to_string();
        assert!(error.starts_with("MAMBA_USER_GID="), "{error}");
    }

    #[test]
    fn a_base_that_has_only_sh_gives_that_to_its_users() {
        let shell = |image: Image| wanted(&image.world(&[])).unwrap().shell();
        assert_eq!(shell(Image::new(&[]).with_program("/bin/sh")), "/bin/sh");
        assert_eq!(shell(Image::new(&[]).with_program("/bin/sh").with_program("/bin/bash")), "/bin/bash");
    }
}
