//! What sources are built on, and the keys that follow from it.

use mambox_env::WheelTarget;
use mambox_oci::{Digest, Image, Layer};

/// Raised when the same inputs give other bytes.
const FORMAT: u32 = 2;

/// What a wheel is built on.
pub(crate) struct Ground<'a> {
    /// Base and conda packages of the environment.
    pub(crate) image: &'a Image,
    /// Its python, platform and C library.
    pub(crate) target: &'a WheelTarget,
    /// Absolute; python is `<prefix>/bin/pythonX.Y`.
    pub(crate) prefix: &'a str,
    /// What a container's first process finds.
    pub(crate) env: &'a [(String, String)],
    /// A layer that holds the build requirements, and the folder of their modules relative to the prefix. Programs are
    /// looked for in the layer's `<prefix>/bin`. It need not be part of the image.
    pub(crate) site: Option<(&'a Layer, &'a str)>,
    /// What decides the result besides sources, python's version, prefix and variables.
    pub(crate) identity: &'a Identity,
}

/// What decides a wheel besides its sources; the order of digests counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// What is the same on all platforms, as far as a wheel for all platforms can be: the build requirements, and names
    /// and versions of the conda packages.
    pub(crate) shared: Vec<Digest>,
    /// What belongs to a platform: layers of the base, archives of conda packages, build requirements that are for one.
    pub(crate) bound: Vec<Digest>,
    /// Whether the lock says what the sources are built with. Where it does not, a wheel is of this very build only.
    pub(crate) pinned: bool,
}

/// Names of a wheel in the cache.
pub(super) struct Keys {
    /// Of this very build.
    pub(super) here: Digest,
    /// Of a build on any platform that came out pure; `None` where none may serve another.
    pub(super) anywhere: Option<Digest>,
}

impl Keys {
    /// From the content of the sources, the folder in them, and the version that the backend is told.
    pub(super) fn of(
        content: Digest,
        subdirectory: Option<&str>,
        version: Option<&str>,
        ground: &Ground<'_>,
    ) -> Self {
        let (target, identity) = (ground.target, ground.identity);
        let threads = if target.free_threaded { "t" } else { "" };
        let mut text = format!(
            "wheel {FORMAT}\n{content}\n{subdirectory:?} {version:?}\n{}{threads}\n",
            target.python_version()
        );
        text.extend(identity.shared.iter().map(|digest| format!("{digest}\n")));
        text.extend(ground.env.iter().map(|(name, value)| format!("{name}={value:?}\n")));
        let anywhere = identity.pinned.then(|| Digest::of(format!("{text}anywhere\n").as_bytes()));
        // `pinned` changes no byte, but a wheel that is found by this key has been kept for others, too, where it may be.
        text.push_str(&format!("here {} {:?} {}\n", target.platform, ground.prefix, identity.pinned));
        text.extend(identity.bound.iter().map(|digest| format!("{digest}\n")));
        Self { here: Digest::of(text.as_bytes()), anywhere }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mambox_env::Libc;
    use mambox_oci::Platform;
    use rattler_conda_types::Subdir;

    use super::*;

    #[test]
    fn everything_that_decides_a_wheel_is_in_its_key() {
        let image = Image::scratch(&Platform::linux("amd64"));
        let target = WheelTarget {
            python: (3, 13),
            free_threaded: false,
            platform: Subdir::Linux64,
            libc: Libc::None,
        };
        let [one, two] = [b"one", b"two"].map(|text| Digest::of(text));
        let plain = Identity { shared: vec![one, two], bound: vec![one], pinned: true };
        let env = [("CFLAGS".to_owned(), "-O2".to_owned())];
        let prefix = "/opt/env";
        let ground =
            || Ground { image: &image, target: &target, prefix, env: &[], site: None, identity: &plain };
        let key = |ground: Ground<'_>| Keys::of(one, None, None, &ground);
        let free = WheelTarget { free_threaded: true, ..target.clone() };
        let newer = WheelTarget { python: (3, 14), ..target.clone() };
        let swapped = Identity { shared: vec![two, one], ..plain.clone() };
        let anywhere = [
            key(ground()),
            Keys::of(two, None, None, &ground()),
            Keys::of(one, Some("sub"), None, &ground()),
            Keys::of(one, None, Some("sub"), &ground()),
            key(Ground { target: &free, ..ground() }),
            key(Ground { target: &newer, ..ground() }),
            key(Ground { identity: &swapped, ..ground() }),
            key(Ground { env: &env, ..ground() }),
        ];
        let foreign = WheelTarget { platform: Subdir::LinuxAarch64, ..target.clone() };
        let bound = Identity { bound: vec![two], ..plain.clone() };
        let here = [
            key(Ground { target: &foreign, ..ground() }),
            key(Ground { identity: &bound, ..ground() }),
            key(Ground { prefix: "/opt/other", ..ground() }),
        ];
        let all = || anywhere.iter().chain(&here);
        assert_eq!(all().map(|keys| keys.here).collect::<BTreeSet<_>>().len(), 11);
        assert_eq!(all().map(|keys| keys.anywhere).collect::<BTreeSet<_>>().len(), 8);
        assert!(all().all(|keys| keys.anywhere.is_some_and(|anywhere| anywhere != keys.here)));
        let open = Identity { pinned: false, ..plain.clone() };
        assert_eq!(key(Ground { identity: &open, ..ground() }).anywhere, None);
    }
}
