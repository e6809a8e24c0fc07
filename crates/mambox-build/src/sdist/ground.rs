//! What sources are built on, and the keys that follow from it.

use mambox_env::WheelTarget;
use mambox_oci::{Digest, Image, Layer};

/// Raised when the same inputs give other bytes.
const FORMAT: u32 = 1;

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

/// Digests of what decides a wheel besides its sources; their order counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// What is the same on all platforms, as far as a wheel for all platforms can be: the build requirements.
    pub(crate) shared: Vec<Digest>,
    /// What belongs to a platform: python's archive, layers of conda packages, build requirements that are for one.
    pub(crate) bound: Vec<Digest>,
}

/// Names of a wheel in the cache.
pub(super) struct Keys {
    /// Of this very build.
    pub(super) here: Digest,
    /// Of a build on any platform that came out pure.
    pub(super) anywhere: Digest,
}

impl Keys {
    /// From the content of the sources, and the folder in them.
    pub(super) fn of(content: Digest, subdirectory: Option<&str>, ground: &Ground<'_>) -> Self {
        let (target, identity) = (ground.target, ground.identity);
        let threads = if target.free_threaded { "t" } else { "" };
        let mut text =
            format!("wheel {FORMAT}\n{content}\n{subdirectory:?}\n{}{threads}\n", target.python_version());
        text.extend(identity.shared.iter().map(|digest| format!("{digest}\n")));
        let anywhere = Digest::of(format!("{text}anywhere\n").as_bytes());
        text.push_str(&format!("here {} {:?}\n", target.platform, ground.prefix));
        text.extend(identity.bound.iter().map(|digest| format!("{digest}\n")));
        text.extend(ground.env.iter().map(|(name, value)| format!("{name}={value:?}\n")));
        Self { here: Digest::of(text.as_bytes()), anywhere }
    }
}
