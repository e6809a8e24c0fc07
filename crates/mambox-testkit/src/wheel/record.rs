//! The RECORD of a synthetic wheel.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rattler_digest::{Sha256, compute_bytes_digest};

/// `sha256=…` of some content, as RECORD has it.
pub(super) fn hash(content: &[u8]) -> String {
    format!("sha256={}", URL_SAFE_NO_PAD.encode(compute_bytes_digest::<Sha256>(content)))
}

/// A line of RECORD.
pub(super) fn line(path: &str, hash: &str, size: usize) -> String {
    let quoted = match path.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", path.replace('"', "\"\"")),
        false => path.to_owned(),
    };
    format!("{quoted},{hash},{size}\n")
}
