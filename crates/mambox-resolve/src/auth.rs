//! Credentials: from URLs, from netrc, from rattler's and pixi's file.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use http::Extensions;
use mambox_progress::Reporter;
use rattler_networking::{
    Authentication, AuthenticationStorage,
    authentication_storage::{
        StorageBackend,
        backends::{file::FileStorage, memory::MemoryStorage, netrc::NetRcStorage},
    },
};
use reqwest::{Request, Response, header::AUTHORIZATION};
use reqwest_middleware::{Middleware, Next, Result};
use url::Url;

use crate::settings::NetworkSettings;

/// Stored logins by host: rattler's file first, then netrc. A file that cannot be read is warned of and left
/// out, since most channels need no login.
pub(crate) fn storage(network: &NetworkSettings, on: &dyn Reporter) -> AuthenticationStorage {
    let mut storage = AuthenticationStorage::empty();
    if !network.bearers.is_empty() {
        storage.add_backend(Arc::new(bearers(&network.bearers)));
    }
    if let Some(path) = existing(network.auth_file.as_deref()) {
        match FileStorage::from_path(path.to_owned()) {
            Ok(file) => storage.add_backend(Arc::new(file)),
            Err(error) => on.warn(unreadable(path, &error)),
        }
    }
    if let Some(path) = existing(network.netrc.as_deref()) {
        match NetRcStorage::from_path(path) {
            Ok(netrc) => storage.add_backend(Arc::new(netrc)),
            Err(error) => on.warn(unreadable(path, &error)),
        }
    }
    storage
}

fn bearers(tokens: &BTreeMap<String, String>) -> MemoryStorage {
    let storage = MemoryStorage::new();
    for (host, token) in tokens {
        // Memory does not fail.
        let _ = storage.store(host, &Authentication::BearerToken(token.clone()));
    }
    storage
}

fn existing(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| path.exists())
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> String {
    // A parser's message may quote the line at fault, and with it a password.
    let reason = match error.source() {
        Some(source) if source.is::<std::io::Error>() => format!(": {source}"),
        _ => String::new(),
    };
    format!("the logins in {} cannot be read{reason}; going on without them", path.display())
}

/// The credentials that channels' and packages' URLs were written with.
///
/// URLs go without them everywhere else, so that none gets into repodata, locks or messages. Only requests below
/// the URL that held them get them. Clones share what they know.
#[derive(Clone, Default)]
pub(crate) struct UrlCredentials {
    /// Clean base URL → the original one; longest first.
    rules: Arc<Mutex<Vec<(Url, Url)>>>,
}

impl UrlCredentials {
    /// Remembers the credentials of a base URL (one with a slash at its end), if it holds any.
    pub(crate) fn learn(&self, original: &Url) {
        let clean = mambox_env::strip_credentials(original);
        if clean == *original {
            return;
        }
        let Ok(mut rules) = self.rules.lock() else { return };
        if !rules.iter().any(|(known, _)| *known == clean) {
            rules.push((clean, original.clone()));
            rules.sort_by_key(|(clean, _)| Reverse(clean.as_str().len()));
        }
    }

    /// The URL with the credentials that belong to it.
    fn apply(&self, url: &Url) -> Option<Url> {
        let rules = self.rules.lock().ok()?;
        rules.iter().find_map(|(clean, original)| {
            let below = url.as_str().strip_prefix(clean.as_str().trim_end_matches('/'))?;
            if !below.starts_with('/') {
                return None;
            }
            let mut with = original.clone();
            with.set_query(None);
            Url::parse(&format!("{}{below}", with.as_str().trim_end_matches('/'))).ok()
        })
    }

    /// The part of the client that uses them; `client` knows how user information of a URL becomes a header.
    pub(crate) fn middleware(&self, client: reqwest::Client) -> impl Middleware {
        AddUrlCredentials { credentials: self.clone(), client }
    }
}

struct AddUrlCredentials {
    credentials: UrlCredentials,
    client: reqwest::Client,
}

#[async_trait]
impl Middleware for AddUrlCredentials {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        if let Some(url) = self.credentials.apply(request.url()) {
            let mut with = self.client.get(url).build()?;
            if let Some(header) = with.headers_mut().remove(AUTHORIZATION) {
                request.headers_mut().insert(AUTHORIZATION, header);
            }
            *request.url_mut() = with.url().clone();
        }
        next.run(request, extensions).await
    }
}
