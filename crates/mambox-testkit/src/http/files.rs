//! Serving a folder.

use std::path::Path;

use rattler_digest::{Sha256, compute_bytes_digest};
use url::Url;

use super::message::{Request, Response};

/// Answers GET and HEAD with files below `root`, with an ETag and 304 for those who know it.
pub(super) fn serve(root: &Path, request: &Request) -> Response {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Response::status(405);
    }
    // A URL's own parser undoes percent-encoding and resolves `..` before the path meets the disk.
    let Ok(url) = Url::parse(&format!("file://{}", request.path)) else { return Response::status(400) };
    let Ok(path) = url.to_file_path() else { return Response::status(400) };
    let path = root.join(path.strip_prefix("/").unwrap_or(&path));
    let Ok(content) = std::fs::read(&path) else { return Response::status(404) };
    let etag = format!("\"{}\"", &hex::encode(compute_bytes_digest::<Sha256>(&content))[..16]);
    if request.header("if-none-match") == Some(&etag) {
        return Response::status(304).header("etag", etag);
    }
    let media_type = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => "application/json",
        Some("zst") => "application/zstd",
        _ => "application/octet-stream",
    };
    Response::ok(content).header("content-type", media_type).header("etag", etag)
}
