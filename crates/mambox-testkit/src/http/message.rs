//! Requests and responses as plain values.

use std::fmt;

/// A request with its whole body.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// Host and port of an absolute request target (`GET http://host/path`), which is how a client asks a proxy.
    pub authority: Option<String>,
    /// The path, percent-encoded as it came, without the query.
    pub path: String,
    /// The query without its `?`; empty where there is none.
    pub query: String,
    /// Header names in lower case with their values, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the connection ended in the middle of the body.
    pub broken: bool,
}

impl Request {
    /// The first value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// All values of a query parameter, decoded.
    pub fn parameters(&self, name: &str) -> Vec<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect()
    }
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers; Content-Length follows from the body unless it is given here.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// After so many bytes of the body the connection ends, though Content-Length promises all of it.
    pub cut_after: Option<usize>,
}

impl Response {
    /// A response without headers and body.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), cut_after: None }
    }

    /// 200 with a body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(body)
    }

    /// 200 with a page that no program wants, as captive portals send it.
    pub fn html() -> Self {
        let page = "<!DOCTYPE html>\n<html><title>Sign in</title><body>Please sign in.</body></html>\n";
        Self::ok(page).header("content-type", "text/html")
    }

    /// The same response with a header more.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same response with another body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same response, whose connection ends after so many bytes of the body.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }
}

/// What a server remembers of a request it answered.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The request.
    pub request: Request,
    /// The status it was answered with; 0 where the connection was closed without an answer.
    pub status: u16,
}

impl fmt::Display for Recorded {
    /// `GET /linux-64/repodata.json?a=b 200`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { method, path, query, .. } = &self.request;
        let mark = if query.is_empty() { "" } else { "?" };
        write!(f, "{method} {path}{mark}{query} {}", self.status)
    }
}
