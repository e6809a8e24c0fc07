//! The shells of an image.

use std::ffi::OsStr;

use crate::launch::find;
use crate::root::Root;

/// A shell, and which kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shell {
    /// Its program.
    pub(crate) path: String,
    /// Whether it is bash and not a plain sh.
    pub(crate) is_bash: bool,
}

/// The image's bash, else its sh. The base's own come before those of an environment, which may be
/// broken or half removed.
pub(crate) fn best(root: &Root, path: &str) -> Option<Shell> {
    let find = |name: &str, usual: [&str; 2]| {
        let usual = usual.into_iter().find(|place| root.is_program(place)).map(str::to_owned);
        usual.or_else(|| find(root, OsStr::new(name), path)?.into_os_string().into_string().ok())
    };
    let bash = find("bash", ["/bin/bash", "/usr/bin/bash"]).map(|path| Shell { path, is_bash: true });
    bash.or_else(|| Some(Shell { path: find("sh", ["/bin/sh", "/usr/bin/sh"])?, is_bash: false }))
}

/// A value as a word of POSIX sh, byte for byte.
pub(crate) fn quoted(value: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(value.len() + 2);
    word.push(b'\'');
    for byte in value {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}
