//! Manifests, indexes and tags.

use serde_json::{Value, json};

use super::reply::{created, error};
use super::store::{Change, Manifest, Repository, Store, digest_of};
use crate::http::{Request, Response};

/// GET and HEAD by tag or digest. Where the client says what it accepts, other types are not found, as
/// registries do it.
pub(super) fn read(store: &Store, repository: &str, reference: &str, request: &Request) -> Response {
    let found = store.repositories.get(repository).and_then(|repository| repository.manifest(reference));
    let unknown = || error(404, "MANIFEST_UNKNOWN", &format!("{repository} has no manifest {reference}"));
    let Some((digest, manifest)) = found else { return unknown() };
    let accepts: Vec<_> = request.headers.iter().filter(|(name, _)| name == "accept").collect();
    let accepted =
        |(_, value): &&(String, String)| value.contains("*/*") || value.contains(&manifest.media_type);
    if !accepts.is_empty() && !accepts.iter().any(accepted) {
        return unknown();
    }
    Response::ok(manifest.bytes.clone())
        .header("content-type", &manifest.media_type)
        .header("docker-content-digest", digest)
}

/// PUT by tag or digest. What the manifest names must be in the repository already.
pub(super) fn put(store: &mut Store, repository: &str, reference: &str, request: &Request) -> Response {
    let Ok(value) = serde_json::from_slice::<Value>(&request.body) else {
        return error(400, "MANIFEST_INVALID", "no JSON");
    };
    let media_type = request.header("content-type").unwrap_or_default();
    if value.get("mediaType").is_some_and(|inner| inner != media_type) {
        return error(400, "MANIFEST_INVALID", "mediaType differs from Content-Type");
    }
    let digest = digest_of(&request.body);
    if reference.contains(':') && reference != digest {
        return error(400, "DIGEST_INVALID", &format!("said {reference}, received {digest}"));
    }
    let home = store.repository(repository);
    if let Some(missing) = first_missing(home, &value) {
        return error(400, "MANIFEST_BLOB_UNKNOWN", &missing);
    }
    let manifest = Manifest { media_type: media_type.to_owned(), bytes: request.body.clone() };
    home.manifests.insert(digest.clone(), manifest);
    if !reference.contains(':') {
        home.tags.insert(reference.to_owned(), digest.clone());
    }
    let put = Change::Put { repository: repository.to_owned(), reference: reference.to_owned() };
    store.changes.push(put);
    created(&format!("/v2/{repository}/manifests/{digest}"), &digest)
}

/// The first digest a manifest or index names that the repository lacks.
fn first_missing(repository: &Repository, manifest: &Value) -> Option<String> {
    let list = |key: &str| manifest.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let digest = |descriptor: &Value| descriptor["digest"].as_str().map(str::to_owned);
    let blobs = manifest.get("config").cloned().into_iter().chain(list("layers"));
    // Layers with URLs of their own ("foreign") need not be here.
    let blobs = blobs.filter(|descriptor| descriptor.get("urls").is_none());
    let missing_blob = blobs.filter_map(|it| digest(&it)).find(|it| !repository.blobs.contains_key(it));
    let children = list("manifests").into_iter().filter_map(|it| digest(&it)).collect::<Vec<_>>();
    missing_blob.or_else(|| children.into_iter().find(|it| !repository.manifests.contains_key(it)))
}

/// GET of the tags, with `n` and `last`.
pub(super) fn tags(store: &Store, repository: &str, request: &Request) -> Response {
    let Some(home) = store.repositories.get(repository) else {
        return error(404, "NAME_UNKNOWN", repository);
    };
    let last = request.parameter("last").unwrap_or_default();
    let mut tags: Vec<_> = home.tags.keys().filter(|tag| **tag > last).collect();
    let page = request.parameter("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let more = tags.len() > page;
    tags.truncate(page);
    let response = Response::ok(json!({ "name": repository, "tags": tags }).to_string())
        .header("content-type", "application/json");
    match tags.last() {
        Some(last) if more => {
            let next = format!("</v2/{repository}/tags/list?n={page}&last={last}>; rel=\"next\"");
            response.header("link", next)
        }
        _ => response,
    }
}
