//! Logins for channels, as `micromamba auth` keeps them: section 3 of the reference, "TLS and auth".
//!
//! `~/.mamba/auth/authentication.json` maps `host[:port][/path]` to an object with a `type`. Entries of a type that is
//! unknown here are kept when the file is written.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value as Json};
use url::Url;

use crate::files::{Disk, Files};
use crate::redact::MASK;
use crate::write::write_atomically;

/// How to log in. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// The token goes into the path: `/t/TOKEN/`.
    CondaToken {
        /// Secret.
        token: String,
    },
    /// A user and a password, in the header.
    Basic {
        /// Public.
        user: String,
        /// Secret; in the file it is in base64.
        password: String,
    },
    /// A token in the header.
    Bearer {
        /// Secret.
        token: String,
    },
}

/// Logins by host and path.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Logins {
    entries: Map<String, Json>,
}

/// Why logins could not be read or kept. Never says what is in the file.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The file could not be read or written.
    #[error("cannot {action} '{}': {source}", path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no JSON object. It is left alone.
    #[error("'{}' is no JSON object (line {line}): mend or remove it", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where reading stopped.
        line: usize,
    },
    /// A host that is no host.
    #[error("'{host}' is no host: give HOST[:PORT][/PATH] or a URL")]
    BadHost {
        /// As given, without credentials.
        host: String,
    },
}

impl fmt::Debug for Login {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CondaToken { .. } => write!(out, "CondaToken({MASK})"),
            Self::Basic { user, .. } => write!(out, "Basic({user}, {MASK})"),
            Self::Bearer { .. } => write!(out, "Bearer({MASK})"),
        }
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.entries.keys()).finish()
    }
}

impl Login {
    fn from_json(entry: &Json) -> Option<Self> {
        let field = |name: &str| entry.get(name)?.as_str().map(str::to_owned);
        match field("type")?.as_str() {
            "CondaToken" => Some(Self::CondaToken { token: field("token")? }),
            "BearerToken" => Some(Self::Bearer { token: field("token")? }),
            "BasicHTTPAuthentication" => {
                let password = STANDARD.decode(field("password")?.trim()).ok()?;
                Some(Self::Basic { user: field("user")?, password: String::from_utf8(password).ok()? })
            }
            _ => None,
        }
    }

    fn to_json(&self) -> Json {
        let fields = |fields: &[(&str, &str)]| -> Json {
            fields.iter().map(|(name, text)| ((*name).to_owned(), Json::from(*text))).collect()
        };
        match self {
            Self::CondaToken { token } => fields(&[("type", "CondaToken"), ("token", token)]),
            Self::Bearer { token } => fields(&[("type", "BearerToken"), ("token", token)]),
            Self::Basic { user, password } => fields(&[
                ("type", "BasicHTTPAuthentication"),
                ("user", user),
                ("password", &STANDARD.encode(password)),
            ]),
        }
    }
}

impl Logins {
    /// Where the logins of a user are.
    pub fn path(home: &Path) -> PathBuf {
        home.join(".mamba/auth/authentication.json")
    }

    /// Reads a file; none if it is not there. Entries that make no sense have no effect.
    ///
    /// # Errors
    /// The file is there and cannot be read, or is no JSON object.
    pub fn read(path: &Path) -> Result<Self, AuthError> {
        let failed = |source| AuthError::Io { action: "read", path: path.to_owned(), source };
        let Some(text) = Disk.read(path).map_err(failed)?.filter(|text| !text.trim().is_empty()) else {
            return Ok(Self::default());
        };
        let entries = serde_json::from_str(&text)
            .map_err(|error| AuthError::NotJson { path: path.to_owned(), line: error.line() })?;
        Ok(Self { entries })
    }

    /// Writes the file, for its owner only (mode 0600), completely or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), AuthError> {
        let failed = |source| AuthError::Io { action: "write", path: path.to_owned(), source };
        let text = serde_json::to_string_pretty(&self.entries).map_err(|error| failed(error.into()))?;
        write_atomically(path, format!("{text}\n").as_bytes(), true).map_err(failed)
    }

    /// The login for an address: that of the longest path above it, on the same host and port. An entry without a port
    /// is for the scheme's own.
    pub fn for_url(&self, url: &Url) -> Option<Login> {
        let host = url.host_str()?;
        let ported = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        let plain = url.port().is_none().then(|| host.to_owned());
        let hosts: Vec<String> = ported.into_iter().chain(plain).collect();
        let mut path = url.path().trim_end_matches('/');
        loop {
            let found = hosts.iter().find_map(|host| {
                let entry = self.entries.get(&format!("{host}{path}"))?;
                Login::from_json(entry)
            });
            if found.is_some() || path.is_empty() {
                return found;
            }
            path = &path[..path.rfind('/').unwrap_or(0)];
        }
    }

    /// Adds or replaces a login.
    ///
    /// # Errors
    /// `host` is neither HOST\[:PORT\]\[/PATH\] nor a URL.
    pub fn insert(&mut self, host: &str, login: &Login) -> Result<(), AuthError> {
        self.entries.insert(key_of(host)?, login.to_json());
        Ok(())
    }

    /// Takes a login out; whether there was one.
    ///
    /// # Errors
    /// `host` is neither HOST\[:PORT\]\[/PATH\] nor a URL.
    pub fn remove(&mut self, host: &str) -> Result<bool, AuthError> {
        Ok(self.entries.shift_remove(&key_of(host)?).is_some())
    }

    /// Takes all out, also those of unknown types: `logout --all`.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// For which hosts and paths there is an entry.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

/// `host[:port][/path]` of what people give: the scheme, a login in it and a slash at the end are left out.
fn key_of(given: &str) -> Result<String, AuthError> {
    let bad = || AuthError::BadHost { host: crate::redact(given) };
    let url = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&url).map_err(|_| bad())?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(bad)?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{host}{port}{}", url.path().trim_end_matches('/')))
}

#[cfg(test)]
mod tests;
