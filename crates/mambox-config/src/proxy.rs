//! Which proxy a request goes through.

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

/// `proxy_servers` and the usual variables. Addresses may hold credentials; `Debug` shows none.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Proxies {
    servers: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    exempt: Vec<String>,
}

impl Proxies {
    /// `servers` is the key's map; of `environment` http_proxy, https_proxy, all_proxy and no_proxy are read, in lower
    /// case and, but for http_proxy, in upper case, as curl does: a CGI's `Proxy:` header becomes HTTP_PROXY.
    pub fn new(servers: BTreeMap<String, String>, environment: &BTreeMap<String, String>) -> Self {
        let variable = |name: &str| {
            let upper = (name != "http_proxy").then(|| name.to_uppercase());
            let text = environment.get(name).or_else(|| environment.get(&upper?));
            text.filter(|text| !text.is_empty()).cloned()
        };
        let variables = [("http", "http_proxy"), ("https", "https_proxy"), ("all", "all_proxy")]
            .into_iter()
            .filter_map(|(scheme, name)| Some((scheme.to_owned(), variable(name)?)))
            .collect();
        let exempt = variable("no_proxy").unwrap_or_default();
        let exempt =
            exempt.split([',', ' ']).filter(|host| !host.is_empty()).map(str::to_lowercase).collect();
        Self { servers, variables, exempt }
    }

    /// The proxy for an address. `proxy_servers` goes first, its most exact key first: `scheme://host`, `scheme`,
    /// `all://host`, `all`. It is not subject to no_proxy, the variables are.
    pub fn for_url(&self, url: &Url) -> Option<&str> {
        let scheme = url.scheme();
        let host = url.host_str()?.to_lowercase();
        let keys =
            [format!("{scheme}://{host}"), scheme.to_owned(), format!("all://{host}"), "all".to_owned()];
        let configured = keys.iter().find_map(|key| self.servers.get(key));
        if let Some(proxy) = configured {
            return Some(proxy);
        }
        let proxy = self.variables.get(scheme).or_else(|| self.variables.get("all"))?;
        (!self.is_exempt(&host)).then_some(proxy)
    }

    /// The proxy of a scheme, or of `all`, for clients that choose by themselves; `proxy_servers` goes first.
    pub fn of_scheme(&self, scheme: &str) -> Option<&str> {
        self.servers.get(scheme).or_else(|| self.variables.get(scheme)).map(String::as_str)
    }

    /// Hosts that are reached directly, in lower case.
    pub fn exempt(&self) -> &[String] {
        &self.exempt
    }

    /// Whether no proxy is named anywhere.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty() && self.variables.is_empty()
    }

    fn is_exempt(&self, host: &str) -> bool {
        self.exempt.iter().any(|exempt| {
            let domain = exempt.trim_start_matches("*.").trim_start_matches('.');
            exempt == "*"
                || host == domain
                || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        })
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.servers.keys().chain(self.variables.keys()).collect();
        out.debug_struct("Proxies").field("for", &keys).field("exempt", &self.exempt).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
        entries.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn the_most_exact_proxy_counts() {
        let servers = map([("https://a.org", "exact"), ("http", "scheme"), ("all://b.org", "host")]);
        let environment =
            map([("https_proxy", "var"), ("NO_PROXY", ".in.org, c.org"), ("HTTP_PROXY", "cgi")]);
        let proxies = Proxies::new(servers, &environment);
        for (url, expected) in [
            ("https://a.org/x", Some("exact")),
            ("http://a.org/x", Some("scheme")),
            ("https://b.org", Some("host")),
            ("https://other.org", Some("var")),
            ("https://x.in.org", None),
            ("https://in.org", None),
            ("https://notin.org", Some("var")),
            ("https://C.org:8443/y", None),
            ("file:///x", None),
        ] {
            assert_eq!(proxies.for_url(&Url::parse(url).unwrap()), expected, "{url}");
        }
        let cgi = Proxies::new(BTreeMap::new(), &map([("HTTP_PROXY", "cgi")]));
        assert!(cgi.is_empty());
    }

    #[test]
    fn debug_shows_no_credentials() {
        let proxies = Proxies::new(map([("https", "http://u:secret@p")]), &BTreeMap::new());
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}
