//! Blobs: reading, uploading in one piece or several, mounting from another repository.

use super::reply::{created, error};
use super::store::{Change, Store, digest_of};
use crate::http::{Request, Response};

/// GET and HEAD of a blob, with ranges.
pub(super) fn read(store: &Store, repository: &str, digest: &str, request: &Request) -> Response {
    let Some(content) = store.blob(repository, digest) else {
        return error(404, "BLOB_UNKNOWN", &format!("{repository} has no blob {digest}"));
    };
    let ok = Response::ok(content.clone())
        .header("docker-content-digest", digest)
        .header("content-type", "application/octet-stream");
    let Some(range) = request.header("range") else { return ok };
    let Some((start, end)) = parse_range(range, content.len()) else { return Response::status(416) };
    Response::status(206)
        .header("content-range", format!("bytes {start}-{end}/{}", content.len()))
        .body(&content[start..=end])
}

/// First and last byte of `bytes=A-B` or `bytes=A-`.
fn parse_range(range: &str, length: usize) -> Option<(usize, usize)> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    let start = start.parse().ok()?;
    let last = length.checked_sub(1)?;
    let end = if end.is_empty() { last } else { end.parse::<usize>().ok()?.min(last) };
    (start <= end).then_some((start, end))
}

/// POST: begins an upload, or finishes at once with `digest=` and a body, or mounts with `mount=` and `from=`.
pub(super) fn begin(store: &mut Store, repository: &str, request: &Request) -> Response {
    if let (Some(digest), Some(from)) = (request.parameter("mount"), request.parameter("from"))
        && let Some(content) = store.blob(&from, &digest).cloned()
    {
        let location = format!("/v2/{repository}/blobs/{digest}");
        store.repository(repository).blobs.insert(digest.clone(), content);
        let answer = created(&location, &digest);
        store.changes.push(Change::Mounted { repository: repository.to_owned(), digest, from });
        return answer;
    }
    if let Some(digest) = request.parameter("digest") {
        return finish(store, repository, &digest, request.body.clone());
    }
    store.uploads_begun += 1;
    let id = format!("upload-{}", store.uploads_begun);
    store.uploads.insert(id.clone(), Vec::new());
    accepted(repository, &id, 0)
}

/// GET: how much of an upload is here.
pub(super) fn status(store: &Store, repository: &str, id: &str) -> Response {
    match store.uploads.get(id) {
        Some(received) => Response { status: 204, ..accepted(repository, id, received.len()) },
        None => error(404, "BLOB_UPLOAD_UNKNOWN", id),
    }
}

/// PATCH: a further piece of an upload. A Content-Range must continue where the last piece ended.
pub(super) fn append(store: &mut Store, repository: &str, id: &str, request: &Request) -> Response {
    let Some(received) = store.uploads.get_mut(id) else {
        return error(404, "BLOB_UPLOAD_UNKNOWN", id);
    };
    if !continues(received.len(), request) {
        return Response::status(416);
    }
    received.extend_from_slice(&request.body);
    let length = received.len();
    accepted(repository, id, length)
}

/// Whether a Content-Range, if there is one, begins where the last piece ended.
fn continues(received: usize, request: &Request) -> bool {
    let range = request.header("content-range").map(|range| range.trim_start_matches("bytes "));
    range.is_none_or(|range| range.split('-').next().and_then(|start| start.parse().ok()) == Some(received))
}

/// PUT: the last piece, which may be empty, and the digest of the whole. A piece that breaks off stays in the upload.
pub(super) fn close(store: &mut Store, repository: &str, id: &str, request: &Request) -> Response {
    if request.broken {
        return append(store, repository, id, request);
    }
    let Some(mut content) = store.uploads.remove(id) else {
        return error(404, "BLOB_UPLOAD_UNKNOWN", id);
    };
    if !continues(content.len(), request) {
        return Response::status(416);
    }
    content.extend_from_slice(&request.body);
    match request.parameter("digest") {
        Some(digest) => finish(store, repository, &digest, content),
        None => error(400, "DIGEST_INVALID", "the digest is missing"),
    }
}

fn finish(store: &mut Store, repository: &str, digest: &str, content: Vec<u8>) -> Response {
    let actual = digest_of(&content);
    if actual != digest {
        return error(400, "DIGEST_INVALID", &format!("said {digest}, received {actual}"));
    }
    store.repository(repository).blobs.insert(actual.clone(), content);
    let answer = created(&format!("/v2/{repository}/blobs/{actual}"), &actual);
    store.changes.push(Change::Uploaded { repository: repository.to_owned(), digest: actual });
    answer
}

fn accepted(repository: &str, id: &str, length: usize) -> Response {
    Response::status(202)
        .header("location", format!("/v2/{repository}/blobs/uploads/{id}"))
        .header("docker-upload-uuid", id)
        .header("range", format!("0-{}", length.saturating_sub(1)))
}
