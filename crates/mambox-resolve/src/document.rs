//! A small text from a server: an environment file at an address.

use rattler_networking::LazyClient;
use thiserror::Error;
use url::Url;

use crate::{
    mask::{mask_text, mask_url},
    network_error::{NetworkError, innermost},
};

/// Why a document could not be read. URLs are masked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The server or the way to it.
    #[error("cannot download the environment: {0}")]
    Network(#[from] NetworkError),
    /// More bytes than any environment has.
    #[error("cannot download the environment: {url} is larger than {most} bytes, which no environment is")]
    TooLarge {
        /// The URL.
        url: String,
        /// The bound.
        most: u64,
    },
}

/// Downloads at most `most` bytes; `tries` is what the client's retries amount to, for messages.
pub(crate) async fn document(
    client: &LazyClient,
    url: &Url,
    most: u64,
    tries: u32,
) -> Result<Vec<u8>, DocumentError> {
    let request = client.client().get(url.clone());
    let answer = request.send().await.map_err(|error| NetworkError::of_middleware(url, &error, tries))?;
    if !answer.status().is_success() {
        return Err(NetworkError::of_status(url, answer.status(), tries).into());
    }
    let mut answer = answer;
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if (bytes.len() + chunk.len()) as u64 > most => {
                return Err(DocumentError::TooLarge { url: mask_url(url), most });
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => {
                let host = url.host_str().unwrap_or_default().to_owned();
                let reason = format!("the answer broke off ({})", mask_text(&innermost(&error)));
                return Err(NetworkError::Connect { url: mask_url(url), host, reason, tries }.into());
            }
        }
    }
}
