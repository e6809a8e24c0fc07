//! What a server demands before it serves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::message::{Request, Response};

/// A demand for credentials.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Basic authentication (RFC 7617): user and password.
    Basic(String, String),
    /// A bearer token (RFC 6750).
    Bearer(String),
    /// Paths begin with `/t/TOKEN/`, as anaconda.org and quetz have them; the rest is served.
    PathToken(String),
}

impl Auth {
    /// The request as it is to be served, or the refusal.
    pub(super) fn admit(&self, mut request: Request) -> Result<Request, Response> {
        match self {
            Self::Basic(user, password) => {
                if basic_credentials(&request) == Some((user.clone(), password.clone())) {
                    return Ok(request);
                }
                Err(Response::status(401).header("www-authenticate", "Basic realm=\"testkit\""))
            }
            Self::Bearer(token) => {
                if request.header("authorization") == Some(&format!("Bearer {token}")) {
                    return Ok(request);
                }
                Err(Response::status(401).header("www-authenticate", "Bearer realm=\"testkit\""))
            }
            Self::PathToken(token) => match request.path.strip_prefix(&format!("/t/{token}")) {
                Some(rest) if rest.starts_with('/') => {
                    request.path = rest.to_owned();
                    Ok(request)
                }
                _ => Err(Response::status(401)),
            },
        }
    }
}

/// User and password of a request with basic authentication.
pub(crate) fn basic_credentials(request: &Request) -> Option<(String, String)> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
