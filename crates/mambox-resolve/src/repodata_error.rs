//! What can be wrong with a channel's repodata.

use rattler_repodata_gateway::{GatewayError, fetch::FetchRepoDataError};
use thiserror::Error;
use url::Url;

use crate::{
    mask::{mask_text, mask_url},
    network_error::{NetworkError, innermost},
};

/// Why a channel's repodata cannot be used. URLs are masked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RepodataError {
    /// The server or the way to it.
    #[error("cannot read the channel's repodata: {0}")]
    Network(#[from] NetworkError),
    /// There is no `noarch/repodata.json`, which every channel has.
    #[error(
        "{channel} is no conda channel: there is no {url}. Check its name or URL; every channel has a \
         noarch/repodata.json, if only an empty one ({{\"packages\":{{}}}})"
    )]
    NoChannel {
        /// The channel.
        channel: String,
        /// Where the file should be.
        url: String,
    },
    /// What came is not repodata.
    #[error("{url} is no valid repodata: {reason}")]
    Invalid {
        /// The URL.
        url: String,
        /// What is wrong, and what that hints at.
        reason: String,
    },
    /// The cache folder cannot be used.
    #[error(
        "the repodata cache {dir} cannot be used: {reason}. Make it writable, free some space, or choose another cache folder"
    )]
    Cache {
        /// The folder.
        dir: String,
        /// Why.
        reason: String,
    },
    /// Anything else that rattler reports.
    #[error("cannot read {url}: {reason}")]
    Other {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
}

/// What a failure means for one channel's subdir at `subdir_url`.
pub(crate) struct Context<'a> {
    pub(crate) channel: &'a str,
    pub(crate) subdir_url: &'a Url,
    pub(crate) cache_dir: &'a std::path::Path,
    pub(crate) tries: u32,
}

impl Context<'_> {
    /// Translates rattler's error.
    pub(crate) fn explain(&self, error: GatewayError) -> RepodataError {
        match error {
            GatewayError::ReqwestError(error) => self.reqwest(&error),
            GatewayError::ReqwestMiddlewareError(error) => {
                self.middleware(&reqwest_middleware::Error::Middleware(error))
            }
            GatewayError::FetchRepoDataError(error) => self.fetch(error),
            GatewayError::SubdirNotFoundError(_) => self.no_channel(),
            GatewayError::IoError(what, error) => self.io(&what, &error),
            GatewayError::CacheError(reason) => self.cache(&reason),
            GatewayError::ShardedIndexNotCached(_) | GatewayError::ShardNotCached(_) => self.offline(),
            other => self.other(&other),
        }
    }

    fn fetch(&self, error: FetchRepoDataError) -> RepodataError {
        match error {
            FetchRepoDataError::HttpError(error) => self.middleware(&error),
            FetchRepoDataError::NotFound(_) => self.no_channel(),
            FetchRepoDataError::NoCacheAvailable(_) => self.offline(),
            FetchRepoDataError::FailedToDownload(url, error) => RepodataError::Invalid {
                url: mask_url(&url),
                reason: format!(
                    "the answer broke off or is damaged ({}). Try again; if it stays so, tell who runs the channel",
                    mask_text(&innermost(&error))
                ),
            },
            FetchRepoDataError::FailedToAcquireLock(error) => self.cache(&error.root_cause().to_string()),
            FetchRepoDataError::FailedToCreateTemporaryFile(error)
            | FetchRepoDataError::FailedToGetMetadata(error)
            | FetchRepoDataError::FailedToWriteCacheState(error)
            | FetchRepoDataError::IoError(error) => self.cache(&error.to_string()),
            FetchRepoDataError::FailedToPersistTemporaryFile(error, _) => {
                self.cache(&error.error.to_string())
            }
            other => self.other(&other),
        }
    }

    fn reqwest(&self, error: &reqwest::Error) -> RepodataError {
        if error.is_body() || error.is_decode() {
            let url = error.url().unwrap_or(self.subdir_url);
            return RepodataError::Invalid {
                url: mask_url(url),
                reason: "the answer broke off. Try again".to_owned(),
            };
        }
        NetworkError::of_reqwest(self.subdir_url, error, self.tries).into()
    }

    fn middleware(&self, error: &reqwest_middleware::Error) -> RepodataError {
        match error {
            reqwest_middleware::Error::Reqwest(error) => self.reqwest(error),
            error => NetworkError::of_middleware(self.subdir_url, error, self.tries).into(),
        }
    }

    /// Errors of rattler that are half about data, half about files.
    fn io(&self, what: &str, error: &std::io::Error) -> RepodataError {
        let reason = innermost(error);
        // serde_json's errors convert to io errors of these kinds.
        let about_data =
            matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof);
        if about_data || what.contains("parse") || what.contains("decode") || what.contains("extract") {
            let file =
                if what.contains("shard") { "../repodata_shards.msgpack.zst" } else { "repodata.json" };
            return RepodataError::Invalid { url: self.file_url(file), reason: what_it_is(&reason) };
        }
        self.cache(&reason)
    }

    fn no_channel(&self) -> RepodataError {
        RepodataError::NoChannel { channel: self.channel.to_owned(), url: self.file_url("repodata.json") }
    }

    fn offline(&self) -> RepodataError {
        NetworkError::Offline { url: self.file_url("repodata.json") }.into()
    }

    fn cache(&self, reason: &str) -> RepodataError {
        RepodataError::Cache { dir: self.cache_dir.display().to_string(), reason: mask_text(reason) }
    }

    fn other(&self, error: &(dyn std::error::Error + 'static)) -> RepodataError {
        RepodataError::Other { url: mask_url(self.subdir_url), reason: mask_text(&error.to_string()) }
    }

    fn file_url(&self, file: &str) -> String {
        let file = file.strip_prefix("../").unwrap_or(file);
        let base = mask_url(self.subdir_url);
        format!("{}/{file}", base.trim_end_matches('/'))
    }
}

/// What the JSON parser's complaint hints at.
fn what_it_is(reason: &str) -> String {
    if reason.contains("EOF") {
        format!("it ends too early ({reason}). Fetch or copy it again")
    } else if reason.contains("line 1 column 1") && reason.contains("expected value") {
        "it is no JSON. A web page in its place often comes from a login or a proxy; open the URL in a browser".to_owned()
    } else if reason.contains("frame descriptor") {
        "it is no zstd data. A web page in its place often comes from a login or a proxy; open the URL in a browser"
            .to_owned()
    } else {
        format!("{reason}. Tell who runs the channel, or index the folder again")
    }
}
