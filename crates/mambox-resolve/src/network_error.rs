//! What went wrong between us and a server, in words that say what to do.

use std::error::Error as StdError;

use rattler_networking::OfflineError;
use reqwest::StatusCode;
use thiserror::Error;
use url::Url;

use crate::{
    mask::{mask_text, mask_url},
    retry::is_passing,
};

/// Why a URL could not be read. URLs are masked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// 401 or 403.
    #[error(
        "{url}: access denied ({status}). Log in to {host}: `rattler auth login {host}` or `pixi auth login {host}`, \
         a `machine {host}` line in ~/.netrc, or a channel URL with a token (https://{host}/t/TOKEN/channel)"
    )]
    Denied {
        /// The URL.
        url: String,
        /// The host to log in to.
        host: String,
        /// 401 or 403.
        status: u16,
    },
    /// 404 or 410.
    #[error("{url}: not found ({status})")]
    NotFound {
        /// The URL.
        url: String,
        /// 404 or 410.
        status: u16,
    },
    /// 429 or a server's own trouble, also after repeating the request.
    #[error(
        "{url}: the server cannot answer now ({status}), tried {tries} times. Try again later or name a mirror (mirrored_channels in an rc file)"
    )]
    Busy {
        /// The URL.
        url: String,
        /// The status.
        status: u16,
        /// How often it was tried.
        tries: u32,
    },
    /// Any other status.
    #[error("{url}: the server answered {status}")]
    Status {
        /// The URL.
        url: String,
        /// The status.
        status: u16,
    },
    /// The host's name is unknown.
    #[error(
        "{url}: the host {host} is not known (DNS). Check the spelling and the network connection, or use --offline"
    )]
    Dns {
        /// The URL.
        url: String,
        /// The host.
        host: String,
    },
    /// No trust between us and the server.
    #[error(
        "{url}: no secure connection to {host}: {reason}. If a certificate authority of your own signs for it, name its PEM file with --cacert-path or ssl_verify in an rc file"
    )]
    Tls {
        /// The URL.
        url: String,
        /// The host.
        host: String,
        /// What TLS says.
        reason: String,
    },
    /// No connection, or it broke.
    #[error(
        "{url}: no connection to {host}, tried {tries} times: {reason}. Check the network and the proxy settings"
    )]
    Connect {
        /// The URL.
        url: String,
        /// The host.
        host: String,
        /// What the system says.
        reason: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The connection broke within the answer.
    #[error("{url}: the answer broke off, tried {tries} times ({reason}). Try again")]
    Interrupted {
        /// The URL.
        url: String,
        /// What the system says.
        reason: String,
        /// How often it was tried.
        tries: u32,
    },
    /// `--offline`, and nothing in the cache.
    #[error("{url}: not in the cache, and --offline forbids to fetch it. Run once without --offline")]
    Offline {
        /// The URL.
        url: String,
    },
    /// The HTTP client cannot be set up.
    #[error("{url}: {reason}")]
    Client {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
}

impl NetworkError {
    /// What an unsuccessful status means.
    pub(crate) fn of_status(url: &Url, status: StatusCode, tries: u32) -> Self {
        let (url, host, status) = (mask_url(url), host(url), status);
        match status.as_u16() {
            status @ (401 | 403 | 407) => Self::Denied { url, host, status },
            status @ (404 | 410) => Self::NotFound { url, status },
            code if is_passing(status) => Self::Busy { url, status: code, tries },
            status => Self::Status { url, status },
        }
    }

    /// What an error of the middleware means.
    pub(crate) fn of_middleware(url: &Url, error: &reqwest_middleware::Error, tries: u32) -> Self {
        match error {
            reqwest_middleware::Error::Reqwest(error) => Self::of_reqwest(url, error, tries),
            reqwest_middleware::Error::Middleware(error) => {
                if error.chain().any(|cause| cause.is::<OfflineError>()) {
                    return Self::Offline { url: mask_url(url) };
                }
                let inner = error.chain().find_map(|cause| cause.downcast_ref::<reqwest::Error>());
                match inner {
                    Some(inner) => Self::of_reqwest(url, inner, tries),
                    None => Self::Client { url: mask_url(url), reason: mask_text(&error.to_string()) },
                }
            }
        }
    }

    /// What an error of the HTTP client means. `url` is what we asked for; after a redirect or through a mirror
    /// the error knows better.
    pub(crate) fn of_reqwest(url: &Url, error: &reqwest::Error, tries: u32) -> Self {
        let url = error.url().unwrap_or(url);
        if let Some(status) = error.status() {
            return Self::of_status(url, status, tries);
        }
        let (url, host) = (mask_url(url), host(url));
        let reason = mask_text(&innermost(error));
        if reason.contains("InvalidContentType") {
            let reason = "the server does not speak TLS (is http:// meant?)".to_owned();
            return Self::Tls { url, host, reason };
        }
        if has_certificate_problem(error) {
            return Self::Tls { url, host, reason };
        }
        if error.is_body() || error.is_decode() {
            return Self::Interrupted { url, reason, tries };
        }
        let dns = causes(error).any(|cause| cause.to_string().contains("dns error"));
        if dns { Self::Dns { url, host } } else { Self::Connect { url, host, reason, tries } }
    }

    /// Whether logging in could help.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or("the server").to_owned()
}

/// The chain of causes, the error itself first.
pub(crate) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// Whether TLS is the reason; repeating would not help then.
pub(crate) fn has_certificate_problem(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let text = cause.to_string();
        text.contains("certificate")
            || text.contains("TLS")
            || text.contains("HandshakeFailure")
            || text.contains("corrupt message")
    })
}

/// The cause of all causes, which says most.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
