//! Who the process is: the image's user, or somebody the image does not know.

use crate::launch::Launch;
use crate::world::World;
use mambox_accounts::home_of;

/// Where an image keeps the name of its user.
pub(crate) const FILE: &str = "/etc/arg_mamba_user";

/// Why the process must not go on: the image was made for a user of another name than `MAMBA_USER`, so
/// its home and its files are not where that user looks for them.
pub(crate) fn mismatch(world: &World) -> Option<String> {
    let made_for = world.root.read(FILE).ok()??;
    let made_for = String::from_utf8_lossy(made_for.trim_ascii_end());
    let asked = world.environment.get("MAMBA_USER").map_or("", String::as_str);
    (asked != made_for).then(|| {
        format!(
            "this image was made for the user '{made_for}' ({FILE}), but MAMBA_USER is '{asked}'.\n\
             To run as another user, leave MAMBA_USER alone and say --user UID:GID.\n\
             To give the user another name, derive an image: as root, rename user, group and home\n\
             (usermod --login NAME --home /home/NAME --move-home {made_for}; groupmod --new-name NAME {made_for}),\n\
             write NAME into {FILE}, then set ENV MAMBA_USER=NAME and USER NAME."
        )
    })
}

/// Gives a user whom the image does not know what programs expect: a name and a home.
///
/// Engines set HOME to `/` where `/etc/passwd` has no entry; Kubernetes may leave it unset.
pub(crate) fn settle(world: &World, launch: &mut Launch) {
    if world.uid == 0 {
        return;
    }
    let known = world.variable("USER");
    let user = known.or_else(|| world.variable("MAMBA_USER"));
    if let (None, Some(user)) = (known, user) {
        launch.set("USER", user);
    }
    let own = user
        .filter(|user| !user.contains('/') && *user != ".." && *user != ".")
        .map(|user| format!("/home/{user}"))
        .filter(|home| world.root.is_folder(home));
    let home = match world.variable("HOME") {
        Some("/") => own,
        Some(_) => None,
        None => recorded_home(world).or(own).or_else(|| Some("/tmp".into())),
    };
    if let Some(home) = home {
        launch.set("HOME", &home);
    }
}

/// The home that `/etc/passwd` gives the process's user. It is read here: the C library would load
/// plug-ins for it, which a static program cannot.
fn recorded_home(world: &World) -> Option<String> {
    let passwd = world.root.read("/etc/passwd").ok()??;
    home_of(&passwd, |_, uid| uid == world.uid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;

    #[test]
    fn another_user_than_the_images_is_told_how_to_become_it() {
        let image = Image::new(&[(FILE, "mambauser\n")]);
        assert_eq!(mismatch(&image.world(&[("MAMBA_USER", "mambauser")])), None);
        let told = mismatch(&image.world(&[("MAMBA_USER", "kai")])).unwrap();
        assert!(told.contains("'mambauser'") && told.contains("'kai'") && told.contains("usermod"), "{told}");
        assert!(mismatch(&image.world(&[])).is_some());
    }

    #[test]
    fn an_image_that_names_no_user_takes_any() {
        assert_eq!(mismatch(&Image::new(&[]).world(&[("MAMBA_USER", "kai")])), None);
    }

    /// USER and HOME that a process of this user id and these variables is given.
    fn settled(uid: u32, variables: &[(&str, &str)]) -> String {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/bin/sh\n";
        let image = Image::new(&[("/etc/passwd", passwd), ("/home/mambauser/", "")]);
        let mut launch = Launch::default();
        settle(&World { uid, ..image.world(variables) }, &mut launch);
        let value =
            |name: &str| launch.changed(name).map_or("-", |value| value.unwrap_or("unset")).to_owned();
        format!("{} {}", value("USER"), value("HOME"))
    }

    #[test]
    fn a_user_without_account_gets_name_and_home() {
        let image = ("MAMBA_USER", "mambauser");
        assert_eq!(settled(1001, &[image, ("HOME", "/")]), "mambauser /home/mambauser");
        assert_eq!(settled(1001, &[image]), "mambauser /home/mambauser");
        assert_eq!(settled(1001, &[image, ("HOME", "/data")]), "mambauser -");
        assert_eq!(settled(33, &[image]), "mambauser /var/www");
        assert_eq!(settled(1001, &[image, ("USER", "kai"), ("HOME", "/")]), "- -");
        assert_eq!(settled(1001, &[image, ("USER", "kai")]), "- /tmp");
        assert_eq!(settled(1001, &[("USER", ".."), ("HOME", "/")]), "- -");
        assert_eq!(settled(1001, &[]), "- /tmp");
    }

    #[test]
    fn root_stays_as_it_is() {
        assert_eq!(settled(0, &[("MAMBA_USER", "mambauser"), ("HOME", "/")]), "- -");
    }
}
