//! The one HTTP client: TLS, proxies, credentials, mirrors, repetition.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use http::Extensions;
use mambox_progress::Reporter;
use rattler_networking::{
    AuthenticationMiddleware, LazyClient, MirrorMiddleware, OciMiddleware, OfflineMiddleware,
    mirror_middleware::Mirror,
};
use reqwest::{Certificate, NoProxy, Proxy, Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use thiserror::Error;
use url::Url;

use crate::{
    auth::{UrlCredentials, storage},
    channel::{ChannelError, base_url},
    mask::mask_text,
    network_error::innermost,
    retry::Retry,
    settings::{NetworkSettings, Proxies, Settings},
};

/// Why no HTTP client can be made from the settings.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The file with certificate authorities is unusable.
    #[error(
        "the certificate file {path} cannot be used: {reason}. It must hold PEM certificates (BEGIN CERTIFICATE)"
    )]
    CaFile {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A proxy's URL is unusable.
    #[error("the proxy '{proxy}' cannot be used: {reason}. Write http://host:port")]
    Proxy {
        /// The URL, credentials masked.
        proxy: String,
        /// Why.
        reason: String,
    },
    /// A mirrored channel or its mirror is unusable.
    #[error("mirrored_channels: {0}")]
    Mirror(#[source] ChannelError),
}

/// Makes the client when the first request needs it: a build from local folders never pays for TLS.
///
/// Settings are checked here, not lazily.
pub(crate) fn client(
    settings: &Settings,
    credentials: &UrlCredentials,
    on: &dyn Reporter,
) -> Result<LazyClient, ClientError> {
    let network = &settings.network;
    let ca = own_authorities(network)?;
    let proxies = proxies(&network.proxies)?;
    let mirrors = mirrors(settings, credentials)?;
    let credentials = credentials.clone();
    let storage = storage(network, on);
    let network = network.clone();
    Ok(LazyClient::new(move || {
        let plain = match plain_client(&network, ca, proxies) {
            Ok(plain) => plain,
            Err(error) => return broken_client(&error),
        };
        let mut builder = ClientBuilder::new(plain.clone());
        if network.offline {
            builder = builder.with(OfflineMiddleware);
        }
        builder = builder.with(Retry { retries: network.retries, backoff: network.backoff });
        if !mirrors.is_empty() {
            builder = builder.with(MirrorMiddleware::from_map(mirrors));
        }
        builder
            .with(OciMiddleware::new(plain.clone()).with_authentication_storage(storage.clone()))
            .with(credentials.middleware(plain))
            .with(AuthenticationMiddleware::from_auth_storage(storage))
            .build()
    }))
}

/// The client below all middleware. The command must have installed a rustls provider before.
fn plain_client(
    network: &NetworkSettings,
    ca: Vec<Certificate>,
    proxies: Vec<Proxy>,
) -> Result<reqwest::Client, reqwest::Error> {
    // Compiled-in authorities make it work where there is no /etc/ssl at all.
    let known = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let roots = known.iter().filter_map(|certificate| Certificate::from_der(certificate).ok()).chain(ca);
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("mambox/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(network.connect_timeout)
        .read_timeout(network.read_timeout)
        .pool_max_idle_per_host(network.concurrency)
        // The environment is the command's business: proxies come through the settings.
        .no_proxy()
        // Packages and repodata are compressed as such; their hashes are over the bytes that are sent.
        .no_gzip()
        .no_zstd()
        .tls_certs_merge(roots);
    if !network.verify_tls {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    for proxy in proxies {
        builder = builder.proxy(proxy);
    }
    builder.build()
}

fn own_authorities(network: &NetworkSettings) -> Result<Vec<Certificate>, ClientError> {
    let Some(path) = &network.ca_file else { return Ok(Vec::new()) };
    let fail = |reason: String| ClientError::CaFile { path: path.display().to_string(), reason };
    let pem = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| fail(error.to_string()))?;
    if certificates.is_empty() {
        return Err(fail("there is no certificate in it".to_owned()));
    }
    Ok(certificates)
}

fn proxies(wanted: &Proxies) -> Result<Vec<Proxy>, ClientError> {
    let direct = wanted.none_for.as_deref().and_then(NoProxy::from_string);
    let mut proxies = Vec::new();
    let mut add = |url: &Option<String>, make: fn(&str) -> reqwest::Result<Proxy>| {
        let Some(url) = url.as_deref().map(str::trim).filter(|url| !url.is_empty()) else { return Ok(()) };
        // As curl and requests do, a missing scheme means http.
        let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let proxy = make(&full).map_err(|error| ClientError::Proxy {
            proxy: mask_text(&full),
            reason: mask_text(&innermost(&error)),
        })?;
        proxies.push(proxy.no_proxy(direct.clone()));
        Ok(())
    };
    add(&wanted.http, |url| Proxy::http(url))?;
    add(&wanted.https, |url| Proxy::https(url))?;
    add(&wanted.all, |url| Proxy::all(url))?;
    Ok(proxies)
}

type Mirrors = HashMap<Url, Vec<Mirror>>;

/// Channel URL → its mirrors, all without credentials.
fn mirrors(settings: &Settings, credentials: &UrlCredentials) -> Result<Mirrors, ClientError> {
    let mut map = Mirrors::new();
    for (channel, urls) in &settings.channels.mirrors {
        let key = mambox_env::strip_credentials(&base_url(settings, channel).map_err(ClientError::Mirror)?);
        let mut mirrors = Vec::new();
        for url in urls {
            let original = base_url(settings, url).map_err(ClientError::Mirror)?;
            credentials.learn(&original);
            let url = mambox_env::strip_credentials(&original);
            mirrors.push(Mirror { url, no_zstd: false, no_bz2: false, max_failures: None });
        }
        map.insert(key, mirrors);
    }
    Ok(map)
}

/// A client whose every request says why there is none.
fn broken_client(error: &reqwest::Error) -> ClientWithMiddleware {
    let reason = format!("no HTTP client can be set up: {}", innermost(error));
    // Without any roots there is nothing left that could fail.
    let bare = reqwest::Client::builder().tls_certs_only([]).build().unwrap_or_default();
    ClientBuilder::new(bare).with(Broken(Arc::from(reason))).build()
}

#[derive(Debug, Clone)]
struct Broken(Arc<str>);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

#[async_trait]
impl Middleware for Broken {
    async fn handle(
        &self,
        _: Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        Err(reqwest_middleware::Error::middleware(self.clone()))
    }
}
