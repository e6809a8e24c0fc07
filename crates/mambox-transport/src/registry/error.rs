//! What goes wrong with registries. Nothing here ever holds a password, a token or a signed URL.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use mambox_oci::{Digest, ImageError, Platform};

use super::{InvalidName, RegistryReference};

/// A failure to pull from or to push to a registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A tag that registries refuse.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// 401 or 403.
    #[error("{registry} denies {action} ({answer}): {login}")]
    Denied {
        /// Host and port.
        registry: String,
        /// What was tried: `pulling from team/app`.
        action: String,
        /// The status, and the registry's own words.
        answer: String,
        /// What is known of the login, and what to do.
        login: String,
    },
    /// The token server refused the login or the request.
    #[error("{registry} denies {action} (its token server {server} says {answer}): {login}")]
    Token {
        /// Host and port.
        registry: String,
        /// What was tried.
        action: String,
        /// The token server's host.
        server: String,
        /// The status, and the server's own words.
        answer: String,
        /// What is known of the login, and what to do.
        login: String,
    },
    /// There is no such tag or digest.
    #[error("{reference} does not exist ({answer}): check the name and the tag{hint}")]
    NoManifest {
        /// What was asked for.
        reference: String,
        /// The registry's own words.
        answer: String,
        /// What else may be the reason.
        hint: String,
    },
    /// A blob that a manifest names is gone.
    #[error(
        "{place} has no blob {digest} although its manifest names it; push the image again or use another tag"
    )]
    NoBlob {
        /// Registry and repository.
        place: String,
        /// The blob.
        digest: Digest,
    },
    /// There is no such repository to push to.
    #[error(
        "{place} cannot be pushed to, the registry does not know it ({answer}): create the repository first, or check its name"
    )]
    NoRepository {
        /// Registry and repository.
        place: String,
        /// The registry's own words.
        answer: String,
    },
    /// 429 until patience ended.
    #[error("{registry} limits requests: {answer}{wait}; try again later, or log in for a higher limit")]
    Busy {
        /// Host and port.
        registry: String,
        /// The status, and the registry's own words.
        answer: String,
        /// The pause it asks for.
        wait: String,
    },
    /// Any other answer that is no success.
    #[error("{what} failed: {registry} answered {answer}")]
    Status {
        /// Host and port.
        registry: String,
        /// What was asked for.
        what: String,
        /// The status, and the registry's own words.
        answer: String,
    },
    /// No answer at all.
    #[error("{registry} cannot be reached for {what}: {cause}{hint}")]
    Unreachable {
        /// Host and port.
        registry: String,
        /// What was asked for.
        what: String,
        /// Why.
        cause: String,
        /// What may help.
        hint: &'static str,
    },
    /// An answer that breaks the distribution-spec.
    #[error("{registry} breaks the registry protocol in answer to {what}: {problem}")]
    Protocol {
        /// Host and port.
        registry: String,
        /// What was asked for.
        what: String,
        /// Which rule.
        problem: String,
    },
    /// Bytes that are not the ones asked for.
    #[error("{what} is not what was asked for: {problem}")]
    Corrupt {
        /// The manifest or blob, with its place.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The image is not for the wanted platform.
    #[error("{reference} has no image for {wanted}; it has {available}")]
    NoPlatform {
        /// The image.
        reference: RegistryReference,
        /// The wanted platform.
        wanted: Platform,
        /// The platforms there are.
        available: String,
    },
    /// The parts do not make an image.
    #[error("{reference}: {source}")]
    Image {
        /// The image.
        reference: RegistryReference,
        /// Why.
        source: ImageError,
    },
    /// The network is out of bounds, and the cache does not have it.
    #[error("{reference} is not in the cache, and --offline forbids to ask the registry")]
    Offline {
        /// The image or blob.
        reference: String,
    },
    /// Nothing is pushed offline.
    #[error("{0} cannot be pushed: --offline forbids it")]
    OfflinePush(RegistryReference),
    /// The cache cannot be read or written.
    #[error("the cache file {path} cannot be {action}: {source}", path = path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// `read`, `written`.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A file with logins is unusable.
    #[error("the login file {path} cannot be read: {problem}", path = path.display())]
    AuthFile {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The settings make no HTTP client.
    #[error("{what} cannot be used: {problem}")]
    Settings {
        /// The setting at fault.
        what: String,
        /// Why.
        problem: String,
    },
    /// A local layer cannot be read for its upload.
    #[error("layer {digest} cannot be read for the upload: {source}")]
    Layer {
        /// The layer.
        digest: Digest,
        /// Why.
        source: io::Error,
    },
    /// A worker ended without a result.
    #[error("work on {0} ended without a result; the program is shutting down")]
    Interrupted(String),
}

/// Why a request got no answer, in words, without the URL (which may be signed).
pub(crate) fn cause(error: &reqwest::Error, patience: Duration) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", patience.as_secs());
    }
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    match error.source() {
        // The outermost error would print the URL.
        None => "the request failed".into(),
        Some(_) if text.contains("no records found") => "the host name is not known".into(),
        Some(_) => text,
    }
}

/// What may help, judging from a cause.
pub(crate) fn hint(cause: &str) -> &'static str {
    let cause = cause.to_ascii_lowercase();
    if cause.contains("unknownissuer") || cause.contains("certificate") {
        "; if it has a certificate of your own authority, name the authority's PEM file"
    } else if cause.contains("corrupt message") || cause.contains("invalidcontenttype") {
        "; it seems to speak plain HTTP: if that is meant, list it as an insecure registry"
    } else if cause.contains("lookup") || cause.contains("dns") || cause.contains("host name") {
        "; check the name, and the proxy if there is one"
    } else {
        ""
    }
}
