//! One blob on its way into a repository.
//!
//! A session is opened and the whole blob put into it, as containerd does: chunks in several requests
//! are refused or mishandled by too many registries. A large blob that breaks off goes on where the registry says
//! (distribution-spec, "Pushing a blob in chunks"); where that fails, and for all others, it begins anew in a new
//! session.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mambox_oci::{Digest, Layer, MountSource};
use mambox_progress::Task;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, LOCATION, RANGE};
use reqwest::{Response, StatusCode, Url};

use super::RegistryError;
use super::error::{cause, hint};
use super::repository::Repository;
use super::sending::{HighWater, Sending};

/// Blobs from this size on are gone on with; smaller ones are sent again before a registry has looked.
const RESUMED: u64 = 16 << 20;
/// How often progress is reported.
const TICK: Duration = Duration::from_millis(100);
/// A registry may hash a whole large blob before it answers, so it gets more time for that.
const COMMIT_FACTOR: u32 = 5;

/// A blob to have in the repository.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) name: String,
    pub(crate) content: Content,
}

impl Parcel {
    /// A layer as a parcel.
    pub(crate) fn layer(layer: &Layer) -> Self {
        let (digest, size) = (layer.descriptor().digest, layer.descriptor().size);
        Self {
            digest,
            size,
            name: format!("layer {}", digest.short()),
            content: Content::Layer(layer.clone()),
        }
    }
}

/// Where its bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Layer(Layer),
    Bytes(Arc<[u8]>),
}

/// How it came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    Existing,
    Mounted,
    Uploaded,
}

impl Content {
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Layer(layer) => Box::new(layer.open()?),
            Self::Bytes(bytes) => Box::new(io::Cursor::new(bytes.clone())),
        })
    }

    /// Another repository of `registry` that has it.
    pub(crate) fn source(&self, registry: &str) -> Option<MountSource> {
        let Self::Layer(layer) = self else { return None };
        layer.blob().mount_source().filter(|source| source.registry == registry)
    }
}

impl Repository {
    /// Brings a blob into the repository; its bytes are read only if there is no other way.
    pub(crate) async fn place(&self, parcel: &Parcel, task: &Task<'_>) -> Result<Placed, RegistryError> {
        if self.has(parcel.digest).await? {
            return Ok(Placed::Existing);
        }
        let source = parcel.content.source(self.reference.registry());
        let location = match source.filter(|source| source.repository != self.reference.repository()) {
            Some(source) => match self.mount(parcel.digest, &source).await? {
                Mount::Done => return Ok(Placed::Mounted),
                Mount::Session(location) => location,
            },
            None => None,
        };
        self.upload(parcel, location, &HighWater::new(task)).await?;
        Ok(Placed::Uploaded)
    }

    /// Sends a blob, into an open session if there is one.
    async fn upload(
        &self,
        parcel: &Parcel,
        location: Option<Url>,
        progress: &HighWater<'_>,
    ) -> Result<(), RegistryError> {
        let mut open = location.map(Open::new);
        let (mut attempt, mut asked_again) = (0, false);
        loop {
            let at = match open.take() {
                Some(open) => open,
                None => Open::new(self.begin(parcel).await?),
            };
            let (pause, broken) = match self.put(parcel, &at, progress).await {
                Ok((response, _)) if response.status().is_success() => return Ok(()),
                Ok((response, generation)) => {
                    if response.status() == StatusCode::UNAUTHORIZED && !asked_again {
                        asked_again = true;
                        if self.authorize(&response, generation).await? {
                            continue;
                        }
                    }
                    match self.pause_after(&response, &at, attempt) {
                        Some(pause) => (pause, response.status().is_server_error()),
                        None => return Err(self.refused(&upload_of(parcel), response).await),
                    }
                }
                Err(error) => match self.registry.retry().pause(attempt) {
                    Some(pause) if error.may_pass() => (pause, true),
                    _ => return Err(error),
                },
            };
            tracing::debug!(attempt, ?pause, "uploading {} once more", parcel.digest);
            tokio::time::sleep(pause).await;
            attempt += 1;
            open = if broken { self.resume(parcel, &at).await } else { None };
        }
    }

    /// The pause before another try after an answer; `None` if the answer is final.
    fn pause_after(&self, response: &Response, at: &Open, attempt: u32) -> Option<Duration> {
        let (retry, status) = (self.registry.retry(), response.status());
        // The session expired, or another instance of the registry knows nothing of it.
        let expired = matches!(status, StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE);
        // It does not want the rest alone, whatever it said before.
        let no_rest =
            at.offset > 0 && matches!(status, StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED);
        let pause = retry.pause_after(status, response.headers(), attempt);
        pause.or(retry.pause(attempt).filter(|_| expired || no_rest))
    }

    /// Asks how much of a large blob has arrived; `None` where it has to begin anew.
    async fn resume(&self, parcel: &Parcel, at: &Open) -> Option<Open> {
        if parcel.size < RESUMED {
            return None;
        }
        let what = format!("the question how far {} has come", upload_of(parcel));
        let request = self.client().ok()?.get(at.location.clone());
        let (response, _) = self.once(&what, request).await.ok()?;
        if response.status() != StatusCode::NO_CONTENT {
            return None;
        }
        let offset = received(response.headers()).filter(|offset| *offset <= parcel.size)?;
        Some(Open { location: self.location(&what, &response).ok()?, offset })
    }

    async fn has(&self, digest: Digest) -> Result<bool, RegistryError> {
        let what = format!("the question for the blob {digest} of {}", self.reference.repository());
        let url = self.blob_url(digest)?;
        let response = self.send(&what, |client| client.head(url.clone())).await?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refused(&what, response).await),
        }
    }

    /// Asks for a blob of another repository. A registry that cannot do that opens a session instead, and
    /// one that will not is no reason to fail: the blob is uploaded then.
    async fn mount(&self, digest: Digest, source: &MountSource) -> Result<Mount, RegistryError> {
        let what = format!("the request to mount {digest} from {}", source.repository);
        let mut url = self.url("blobs/uploads/")?;
        url.query_pairs_mut().extend_pairs([("mount", &*digest.to_string()), ("from", &*source.repository)]);
        let response = self.send(&what, |client| client.post(url.clone()).header(CONTENT_LENGTH, 0)).await?;
        Ok(match response.status() {
            StatusCode::CREATED => Mount::Done,
            StatusCode::ACCEPTED => Mount::Session(self.location(&what, &response).ok()),
            status => {
                tracing::debug!("{what}: {status}");
                Mount::Session(None)
            }
        })
    }

    async fn begin(&self, parcel: &Parcel) -> Result<Url, RegistryError> {
        let what = upload_of(parcel);
        let url = self.url("blobs/uploads/")?;
        let response = self.send(&what, |client| client.post(url.clone()).header(CONTENT_LENGTH, 0)).await?;
        match response.status() {
            StatusCode::ACCEPTED => self.location(&what, &response),
            StatusCode::NOT_FOUND => match self.refused(&what, response).await {
                RegistryError::Status { answer, .. } => {
                    Err(RegistryError::NoRepository { place: self.reference.place(), answer })
                }
                other => Err(other),
            },
            _ => Err(self.refused(&what, response).await),
        }
    }

    /// Where the upload goes; may be relative, may be another host.
    fn location(&self, what: &str, response: &Response) -> Result<Url, RegistryError> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| response.url().join(location).ok());
        url.ok_or_else(|| self.protocol(what, "it opens an upload without saying where"))
    }

    /// Sends the bytes once, but for those that the session has.
    async fn put(
        &self,
        parcel: &Parcel,
        at: &Open,
        progress: &HighWater<'_>,
    ) -> Result<(Response, u64), RegistryError> {
        let what = upload_of(parcel);
        let mut location = at.location.clone();
        location.query_pairs_mut().append_pair("digest", &parcel.digest.to_string());
        let sending = Sending::begin(parcel.content.clone(), at.offset);
        let mut request = self
            .client()?
            .put(location)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, parcel.size - at.offset);
        if (1..parcel.size).contains(&at.offset) {
            request = request.header(CONTENT_RANGE, format!("{}-{}", at.offset, parcel.size - 1));
        }
        let request = request.body(sending.body);
        let (request, generation) = self.prepare(&what, request).await?;
        let answer = self.client()?.execute(request);
        let outcome = self.watch(answer, &sending.reached, progress).await;
        if let Some(source) = sending.failure.take() {
            return Err(RegistryError::Layer { digest: parcel.digest, source });
        }
        match outcome {
            Ok(response) => Ok((response, generation)),
            Err(cause) => {
                let hint = hint(&cause);
                Err(RegistryError::Unreachable {
                    registry: self.reference.registry().into(),
                    what,
                    cause,
                    hint,
                })
            }
        }
    }

    /// Waits for the answer, reports progress, and gives up when nothing moves any more.
    async fn watch(
        &self,
        answer: impl Future<Output = Result<Response, reqwest::Error>>,
        reached: &AtomicU64,
        progress: &HighWater<'_>,
    ) -> Result<Response, String> {
        let patience = self.registry.settings().read_timeout * COMMIT_FACTOR;
        let mut ticks = tokio::time::interval(TICK);
        let (mut last, mut still) = (0, Duration::ZERO);
        tokio::pin!(answer);
        loop {
            tokio::select! {
                outcome = &mut answer => {
                    progress.reach(reached.load(Ordering::Relaxed));
                    return outcome.map_err(|error| cause(&error, self.registry.settings().connect_timeout));
                }
                _ = ticks.tick() => {
                    let now = reached.load(Ordering::Relaxed);
                    progress.reach(now);
                    still = if now == last { still + TICK } else { Duration::ZERO };
                    last = now;
                    if still >= patience {
                        return Err(format!("nothing moved for {} s", patience.as_secs()));
                    }
                }
            }
        }
    }
}

fn upload_of(parcel: &Parcel) -> String {
    format!("the upload of the blob {}", parcel.digest)
}

enum Mount {
    Done,
    Session(Option<Url>),
}

/// An open upload session.
struct Open {
    location: Url,
    /// How many bytes are in it.
    offset: u64,
}

impl Open {
    fn new(location: Url) -> Self {
        Self { location, offset: 0 }
    }
}

/// How many bytes a session has: `Range: 0-N`, the last one included. Registries say `0-0` for an empty session,
/// too, and there a single byte is not worth the doubt.
fn received(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(RANGE)?.to_str().ok()?;
    let last: u64 = range.trim_start_matches("bytes=").strip_prefix("0-")?.parse().ok()?;
    last.checked_add(1).filter(|received| *received > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_says_of_a_session_is_read_with_care() {
        let of = |range: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, reqwest::header::HeaderValue::from_static(range));
            received(&headers)
        };
        assert_eq!((of("0-99"), of("bytes=0-99")), (Some(100), Some(100)));
        for bad in ["0-0", "0-", "5-99", "0-x", "0--1", "", "0-18446744073709551615"] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert_eq!(received(&HeaderMap::new()), None);
    }
}
