//! Answers in the specification's words.

use serde_json::json;

use crate::http::Response;

/// An error answer with one of the specification's codes, such as `BLOB_UNKNOWN`.
pub(super) fn error(status: u16, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": null }] });
    Response::status(status).header("content-type", "application/json").body(body.to_string())
}

/// 201 with where the new thing is.
pub(super) fn created(location: &str, digest: &str) -> Response {
    Response::status(201).header("location", location).header("docker-content-digest", digest)
}
