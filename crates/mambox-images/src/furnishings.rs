//! What mambox itself brings into images: scripts, certificates, and the rules by which layers are made.

use mambox_activate::family_scripts;
use mambox_oci::{Compression, Digest};

/// Raise it with every change of the code that alters an image's bytes.
const RULES: u32 = 1;

/// How layers are compressed; the encoder's version and block size decide bytes as well.
pub(crate) const COMPRESSION: Compression = Compression::GZIP;

/// The names of the entry program in `/usr/local/bin`, sorted: the first is the file, the others are hard links.
pub(crate) const ENTRY_NAMES: [&str; 6] = [
    "_apptainer_shell.sh",
    "_dockerfile_initialize_user_accounts.sh",
    "_dockerfile_setup_root_prefix.sh",
    "_dockerfile_shell.sh",
    "_entrypoint.sh",
    "mambox-init",
];

/// What bash sources, with the path in the image.
pub(crate) const ACTIVATE: (&str, &str) = (
    "usr/local/bin/_activate_current_env.sh",
    include_str!("../../mambox-init/scripts/_activate_current_env.sh"),
);

/// The digest of all of it, for `images.lock`.
pub(crate) fn digest() -> Digest {
    let certificates = Digest::of(mambox_build::certificates().as_bytes());
    let (path, text) = ACTIVATE;
    let sourced: Vec<_> = family_scripts().collect();
    let codec = COMPRESSION.identity();
    let all = format!("rules {RULES}\n{codec}\n{ENTRY_NAMES:?}\n{certificates}\n{path}\n{text}\n{sourced:?}");
    Digest::of(all.as_bytes())
}
