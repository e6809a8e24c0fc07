//! How registries are reached, as a plain value.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How registries are reached. The caller fills it from flags, environment and files; nothing here
/// looks at the environment or the home directory by itself.
#[derive(Debug, Clone)]
pub struct RegistrySettings {
    /// Files with logins, the first that knows a registry wins: Docker's `config.json`, podman's
    /// `auth.json`. Their credential helpers are asked. A file may be missing.
    pub auth_files: Vec<PathBuf>,
    /// Registries (`host` or `host:port`) that speak plain HTTP. Loopback addresses always do.
    pub insecure: Vec<String>,
    /// PEM file with certificate authorities to trust besides the system's and Mozilla's.
    pub ca_file: Option<PathBuf>,
    /// Proxies; loopback addresses are reached directly.
    pub proxies: Proxies,
    /// What the registry's log shows.
    pub user_agent: String,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long a registry may be silent.
    pub read_timeout: Duration,
    /// How often a failed request is repeated.
    pub retries: u32,
    /// Pause before the first repetition; doubled each time, overridden by `Retry-After`.
    pub backoff: Duration,
    /// Blobs on their way at the same time.
    pub concurrency: usize,
    /// Only what is in the cache may be used.
    pub offline: bool,
}

impl Default for RegistrySettings {
    fn default() -> Self {
        Self {
            auth_files: Vec::new(),
            insecure: Vec::new(),
            ca_file: None,
            proxies: Proxies::default(),
            user_agent: concat!("mambox/", env!("CARGO_PKG_VERSION")).into(),
            connect_timeout: Duration::from_secs(15),
            read_timeout: Duration::from_secs(60),
            retries: 4,
            backoff: Duration::from_millis(500),
            concurrency: 4,
            offline: false,
        }
    }
}

/// Proxy URLs by scheme of the request, as in the usual variables. May hold logins, which `Debug` hides.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http://` requests.
    pub http: Option<String>,
    /// For `https://` requests.
    pub https: Option<String>,
    /// For both, where the specific one is missing.
    pub all: Option<String>,
    /// Hosts that are reached directly, comma-separated, as in `no_proxy`.
    pub none_for: Option<String>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |proxy: &Option<String>| {
            proxy
                .as_ref()
                .map(|text| text.rsplit_once('@').map_or(text.as_str(), |(_, host)| host).to_owned())
        };
        f.debug_struct("Proxies")
            .field("http", &host(&self.http))
            .field("https", &host(&self.https))
            .field("all", &host(&self.all))
            .field("none_for", &self.none_for)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_password_is_not_shown() {
        let proxies = Proxies { https: Some("http://me:secret@proxy:3128".into()), ..Proxies::default() };
        let settings = RegistrySettings { proxies, ..RegistrySettings::default() };
        let shown = format!("{settings:?}");
        assert!(shown.contains("proxy:3128") && !shown.contains("secret"), "{shown}");
    }
}
