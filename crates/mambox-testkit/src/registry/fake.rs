//! The registry that tests talk to.

use std::sync::{Arc, Mutex};

use super::access::RegistryAuth;
use super::reply::error;
use super::route::Route;
use super::store::{Change, Manifest, Store, digest_of};
use super::{blobs, manifests};
use crate::http::{Fault, HttpServer, Recorded, Request, Response, Tls};

/// An image registry in memory, on 127.0.0.1, after the OCI distribution-spec 1.1: blobs (ranges, uploads in one
/// piece or several, mounts), manifests and indexes by tag and digest, tags. It is as strict as strict registries
/// are: digests are checked, and a manifest is refused while something it names is missing.
///
/// Uploads are numbered in their order, so that logs are the same each time.
pub struct FakeRegistry {
    server: HttpServer,
    store: Arc<Mutex<Store>>,
}

impl FakeRegistry {
    /// An empty registry, open to everybody.
    pub fn start() -> Self {
        Self::start_with(RegistryAuth::Open)
    }

    /// An empty registry with this way of knowing its users.
    pub fn start_with(auth: RegistryAuth) -> Self {
        Self::start_as(None, auth)
    }

    /// The same over TLS; a client must trust `server().certificate()`.
    pub fn start_tls(auth: RegistryAuth) -> Self {
        Self::start_as(Some(Tls::new()), auth)
    }

    fn start_as(tls: Option<Tls>, auth: RegistryAuth) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let store = Arc::new(Mutex::new(Store::default()));
        let shared = store.clone();
        let server = HttpServer::start_as(tls, move |address| {
            let url = format!("{scheme}://{address}");
            move |request: &Request| {
                let Some(route) = Route::parse(&request.path) else { return Response::status(404) };
                if route == Route::Token {
                    return auth.sell_token(request);
                }
                if let Some(refusal) = auth.refuse(&url, &route, request) {
                    return refusal;
                }
                answer(&mut shared.lock().unwrap(), &route, request)
            }
        });
        Self { server, store }
    }

    /// `127.0.0.1:PORT`, the registry part of an image reference.
    pub fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// `127.0.0.1:PORT/REPOSITORY:TAG`
    pub fn reference(&self, repository: &str, tag: &str) -> String {
        format!("{}/{repository}:{tag}", self.host())
    }

    /// The server below, for its log and its faults.
    pub fn server(&self) -> &HttpServer {
        &self.server
    }

    /// Adds a failure.
    pub fn fail(&self, fault: Fault) -> &Self {
        self.server.fail(fault);
        self
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.server.requests()
    }

    /// Forgets requests and changes so far, so that a test sees only what the next push does.
    pub fn clear_log(&self) {
        self.server.clear_log();
        self.store.lock().unwrap().changes.clear();
    }

    /// Puts a blob behind the protocol's back; returns its digest.
    pub fn put_blob(&self, repository: &str, content: impl Into<Vec<u8>>) -> String {
        let content = content.into();
        let digest = digest_of(&content);
        self.store.lock().unwrap().repository(repository).blobs.insert(digest.clone(), content);
        digest
    }

    /// Puts a manifest or index behind the protocol's back, by tag or (where `tag` is none) by digest only;
    /// returns its digest.
    pub fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> String {
        let bytes = bytes.into();
        let digest = digest_of(&bytes);
        let mut store = self.store.lock().unwrap();
        let home = store.repository(repository);
        home.manifests.insert(digest.clone(), Manifest { media_type: media_type.to_owned(), bytes });
        if let Some(tag) = tag {
            home.tags.insert(tag.to_owned(), digest.clone());
        }
        digest
    }

    /// A blob's content.
    pub fn blob(&self, repository: &str, digest: &str) -> Option<Vec<u8>> {
        self.store.lock().unwrap().blob(repository, digest).cloned()
    }

    /// Replaces a blob's content under its old digest: a registry that lies.
    pub fn tamper_with_blob(&self, repository: &str, digest: &str, content: impl Into<Vec<u8>>) {
        self.store.lock().unwrap().repository(repository).blobs.insert(digest.to_owned(), content.into());
    }

    /// Media type and bytes of a manifest by tag or digest.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<(String, Vec<u8>)> {
        let store = self.store.lock().unwrap();
        let (_, manifest) = store.repositories.get(repository)?.manifest(reference)?;
        Some((manifest.media_type.clone(), manifest.bytes.clone()))
    }

    /// The tags of a repository with the digests they name.
    pub fn tags(&self, repository: &str) -> Vec<(String, String)> {
        let store = self.store.lock().unwrap();
        let tags = store.repositories.get(repository).map(|home| home.tags.clone());
        tags.unwrap_or_default().into_iter().collect()
    }

    /// The digests of the blobs that clients uploaded since the log was cleared, in order.
    pub fn uploaded_blobs(&self) -> Vec<String> {
        self.changes(|change| match change {
            Change::Uploaded { digest, .. } => Some(digest.clone()),
            _ => None,
        })
    }

    /// The digests of the blobs that clients mounted since the log was cleared, in order.
    pub fn mounted_blobs(&self) -> Vec<String> {
        self.changes(|change| match change {
            Change::Mounted { digest, .. } => Some(digest.clone()),
            _ => None,
        })
    }

    /// The changes that clients made since the log was cleared, one a line, in order:
    /// `upload team/app sha256:…`, `mount team/app sha256:… from base`, `put team/app v1`.
    pub fn change_log(&self) -> String {
        let lines = self.changes(|change| {
            Some(match change {
                Change::Uploaded { repository, digest } => format!("upload {repository} {digest}\n"),
                Change::Mounted { repository, digest, from } => {
                    format!("mount {repository} {digest} from {from}\n")
                }
                Change::Put { repository, reference } => format!("put {repository} {reference}\n"),
            })
        });
        lines.concat()
    }

    fn changes(&self, pick: impl Fn(&Change) -> Option<String>) -> Vec<String> {
        self.store.lock().unwrap().changes.iter().filter_map(pick).collect()
    }
}

fn answer(store: &mut Store, route: &Route<'_>, request: &Request) -> Response {
    match (request.method.as_str(), route) {
        ("GET" | "HEAD", Route::Base) => Response::ok("{}").header("content-type", "application/json"),
        ("GET" | "HEAD", Route::Blob { repository, digest }) => {
            blobs::read(store, repository, digest, request)
        }
        ("POST", Route::Uploads { repository }) => blobs::begin(store, repository, request),
        ("PATCH", Route::Upload { repository, id }) => blobs::append(store, repository, id, request),
        ("PUT", Route::Upload { repository, id }) => blobs::close(store, repository, id, request),
        ("GET", Route::Upload { repository, id }) => blobs::status(store, repository, id),
        ("GET" | "HEAD", Route::Manifest { repository, reference }) => {
            manifests::read(store, repository, reference, request)
        }
        ("PUT", Route::Manifest { repository, reference }) => {
            manifests::put(store, repository, reference, request)
        }
        ("GET", Route::Tags { repository }) => manifests::tags(store, repository, request),
        _ => error(405, "UNSUPPORTED", &format!("{} {}", request.method, request.path)),
    }
}
