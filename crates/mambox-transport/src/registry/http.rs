//! The HTTP client that all requests to registries share.

use std::fmt;
use std::sync::{Arc, OnceLock};

use reqwest::{Certificate, NoProxy, Proxy, Url};

use super::retry::Retry;
use super::{RegistryError, RegistrySettings};

/// Access to registries. Cheap to clone; clones share connections.
///
/// Nothing is connected, no certificate and no login file is read before the first request.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    settings: RegistrySettings,
    client: OnceLock<reqwest::Client>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry").field(&self.0.settings).finish()
    }
}

impl Registry {
    /// Takes the settings; they are checked when the first request needs them.
    pub fn new(settings: RegistrySettings) -> Self {
        Self(Arc::new(Inner { settings, client: OnceLock::new() }))
    }

    /// The settings.
    pub fn settings(&self) -> &RegistrySettings {
        &self.0.settings
    }

    pub(crate) fn retry(&self) -> Retry {
        Retry { retries: self.settings().retries, backoff: self.settings().backoff }
    }

    pub(crate) fn client(&self) -> Result<&reqwest::Client, RegistryError> {
        if let Some(client) = self.0.client.get() {
            return Ok(client);
        }
        let client = build(self.settings())?;
        Ok(self.0.client.get_or_init(|| client))
    }

    /// `https://host:port/`, or `http` for loopback and for registries that are listed as insecure.
    pub(crate) fn base(&self, registry: &str) -> Result<Url, RegistryError> {
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        let scheme = if self.is_insecure(registry) { "http" } else { "https" };
        Url::parse(&format!("{scheme}://{host}/")).map_err(|error| RegistryError::Settings {
            what: format!("the registry {registry}"),
            problem: error.to_string(),
        })
    }

    fn is_insecure(&self, registry: &str) -> bool {
        let host = host_of(registry);
        let listed = |entry: &String| entry == registry || entry == host;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost"
            || address.is_ok_and(|address| address.is_loopback())
            || self.settings().insecure.iter().any(listed)
    }
}

/// A registry without its port.
fn host_of(registry: &str) -> &str {
    match registry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => registry,
    }
}

fn build(settings: &RegistrySettings) -> Result<reqwest::Client, RegistryError> {
    // Fails only if somebody has installed a provider before, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Mozilla's authorities make it work where there is no /etc/ssl at all; the system's come on top.
    let known = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let known = known.iter().filter_map(|certificate| Certificate::from_der(certificate).ok());
    let mut builder = reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .tls_certs_merge(known.chain(own_authorities(settings)?))
        // A blob's digest is over the bytes as they are sent.
        .no_gzip()
        .no_zstd()
        // The environment is the caller's business.
        .no_proxy();
    let proxies = &settings.proxies;
    let direct = format!("localhost,127.0.0.0/8,::1,{}", proxies.none_for.as_deref().unwrap_or_default());
    type Make = fn(String) -> reqwest::Result<Proxy>;
    let by_scheme = [
        (&proxies.http, Proxy::http::<String> as Make),
        (&proxies.https, Proxy::https::<String>),
        (&proxies.all, Proxy::all::<String>),
    ];
    for (text, make) in by_scheme {
        let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { continue };
        // The error itself would print the URL with its password.
        let shown = text.rsplit_once('@').map_or(text, |(_, host)| host);
        let proxy = make(text.to_owned()).map_err(|_| RegistryError::Settings {
            what: format!("the proxy {shown}"),
            problem: "write http://host:port".into(),
        })?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&direct)));
    }
    builder.build().map_err(|error| RegistryError::Settings {
        what: "TLS".into(),
        problem: super::error::cause(&error, settings.connect_timeout),
    })
}

fn own_authorities(settings: &RegistrySettings) -> Result<Vec<Certificate>, RegistryError> {
    let Some(path) = &settings.ca_file else { return Ok(Vec::new()) };
    let failed = |problem: String| RegistryError::Settings {
        what: format!("the certificate file {}", path.display()),
        problem,
    };
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(failed("it must hold PEM certificates (BEGIN CERTIFICATE)".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_listed_registries_speak_plain_http() {
        let insecure = vec!["registry.lan:5000".to_owned(), "build-host".to_owned()];
        let registry = Registry::new(RegistrySettings { insecure, ..RegistrySettings::default() });
        let base = |name: &str| registry.base(name).unwrap().to_string();
        assert_eq!(base("docker.io"), "https://registry-1.docker.io/");
        assert_eq!(base("ghcr.io"), "https://ghcr.io/");
        for name in ["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "registry.lan:5000", "build-host:80"] {
            assert!(base(name).starts_with("http://"), "{name}");
        }
        for name in ["registry.lan", "localhost.example.com", "127.example.com"] {
            assert!(base(name).starts_with("https://"), "{name}");
        }
    }

    #[test]
    fn unusable_settings_are_named_without_their_secrets() {
        let failed = |settings: RegistrySettings| Registry::new(settings).client().unwrap_err().to_string();
        let proxies = super::super::Proxies { https: Some("http://me:secret@".into()), ..Default::default() };
        insta::assert_snapshot!(failed(RegistrySettings { proxies, ..Default::default() }), @"the proxy  cannot be used: write http://host:port");
        let file = tempfile::NamedTempFile::new().unwrap();
        let ca_file = Some(file.path().to_path_buf());
        let message = failed(RegistrySettings { ca_file, ..Default::default() });
        assert!(
            message.ends_with("cannot be used: it must hold PEM certificates (BEGIN CERTIFICATE)"),
            "{message}"
        );
    }
}
