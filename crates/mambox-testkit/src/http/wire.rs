//! Between plain values and hyper's.

use std::convert::Infallible;
use std::time::Duration;

use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};

use super::message::{Request, Response};

/// A response's body, which may break off.
pub(super) type Body = BoxBody<Bytes, std::io::Error>;

/// A request as a plain value, with as much of its body as `limit` allows; what comes after that is never read.
pub(super) async fn plain(
    head: hyper::http::request::Parts,
    mut body: Incoming,
    limit: Option<usize>,
) -> Result<Request, std::io::Error> {
    let mut content = Vec::new();
    while limit.is_none_or(|limit| content.len() < limit) {
        let Some(frame) = body.frame().await else { break };
        if let Ok(chunk) = frame.map_err(std::io::Error::other)?.into_data() {
            content.extend_from_slice(&chunk);
        }
    }
    content.truncate(limit.unwrap_or(usize::MAX));
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Request {
        method: head.method.to_string(),
        authority: head.uri.authority().map(ToString::to_string),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: content,
        broken: limit.is_some(),
    })
}

/// A response as hyper sends it; for HEAD without its body.
pub(super) fn wire(response: Response, head: bool) -> hyper::Response<Body> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let has_length = response.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if !has_length && !matches!(response.status, 204 | 304) {
        builder = builder.header("content-length", response.body.len());
    }
    let body = match response.cut_after {
        _ if head => whole(Bytes::new()),
        Some(bytes) if bytes < response.body.len() => cut(Bytes::from(response.body).slice(..bytes)),
        _ => whole(Bytes::from(response.body)),
    };
    builder.body(body).expect("a response of valid parts")
}

fn whole(content: Bytes) -> Body {
    Full::new(content).map_err(|never: Infallible| match never {}).boxed()
}

/// Sends `content`, gives it time to leave, and breaks the connection.
fn cut(content: Bytes) -> Body {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        let _ = sender.send_data(content).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        sender.abort(std::io::ErrorKind::ConnectionReset.into());
    });
    body.boxed()
}
