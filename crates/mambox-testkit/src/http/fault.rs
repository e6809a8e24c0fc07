//! Failures that a server shows a number of times before it behaves.

use std::time::Duration;

use super::message::Response;

/// How a request fails.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// This response in place of the true one.
    Answer(Response),
    /// The true response, cut off after so many bytes of its body.
    Cut(usize),
    /// The true response with its first body byte changed.
    Corrupt,
    /// The true response after a wait.
    Delay(Duration),
    /// The connection ends without a response.
    Disconnect,
    /// The connection ends after so many bytes of the request's body; the handler gets those.
    BreakOff(usize),
}

/// A failure for requests whose method and path match, a number of times.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) method: Option<String>,
    pub(super) path: String,
    pub(super) kind: FaultKind,
    pub(super) left: usize,
}

impl Fault {
    /// Fails once, for any method, where the request's path contains `path`.
    pub fn new(path: &str, kind: FaultKind) -> Self {
        Self { method: None, path: path.to_owned(), kind, left: 1 }
    }

    /// Answers with a bare status, once.
    pub fn status(path: &str, status: u16) -> Self {
        Self::new(path, FaultKind::Answer(Response::status(status)))
    }

    /// Answers 429 with Retry-After in seconds, once.
    pub fn too_many_requests(path: &str, retry_after: u64) -> Self {
        let answer = Response::status(429).header("retry-after", retry_after.to_string());
        Self::new(path, FaultKind::Answer(answer))
    }

    /// Answers 200 with a sign-in page, once.
    pub fn html(path: &str) -> Self {
        Self::new(path, FaultKind::Answer(Response::html()))
    }

    /// The same fault for one method only.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The same fault so many times.
    pub fn times(mut self, times: usize) -> Self {
        self.left = times;
        self
    }

    /// The same fault for ever.
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        let method = self.method.as_deref().is_none_or(|wanted| wanted == method);
        self.left > 0 && method && path.contains(&self.path)
    }
}
