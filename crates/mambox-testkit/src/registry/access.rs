//! Who may do what: basic authentication, or bearer tokens from a token service of the registry's own.

use serde_json::json;

use super::reply::error;
use super::route::Route;
use crate::http::{Request, Response, basic_credentials};

/// How a [`FakeRegistry`](super::FakeRegistry) knows its users.
#[derive(Clone, Debug, Default)]
pub enum RegistryAuth {
    /// Everybody may do everything.
    #[default]
    Open,
    /// Basic authentication for everything.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// Bearer tokens as Docker's token protocol gives them: a 401 names realm, service and scope, and
    /// `GET /token` sells a token that is good for the scopes asked for and no others.
    Token {
        /// User name.
        user: String,
        /// Password.
        password: String,
        /// Whether a token for pulling is given without credentials.
        anonymous_pull: bool,
    },
}

impl RegistryAuth {
    /// Basic authentication.
    pub fn basic(user: &str, password: &str) -> Self {
        Self::Basic { user: user.to_owned(), password: password.to_owned() }
    }

    /// Token authentication for reading and writing.
    pub fn token(user: &str, password: &str) -> Self {
        Self::Token { user: user.to_owned(), password: password.to_owned(), anonymous_pull: false }
    }

    /// Token authentication, where a token to pull is given to everybody.
    pub fn token_with_anonymous_pull(user: &str, password: &str) -> Self {
        Self::Token { user: user.to_owned(), password: password.to_owned(), anonymous_pull: true }
    }

    /// `None` where the request may go on, else the refusal. `registry` is the registry's URL.
    pub(super) fn refuse(&self, registry: &str, route: &Route<'_>, request: &Request) -> Option<Response> {
        match self {
            Self::Open => None,
            Self::Basic { user, password } => {
                let known = basic_credentials(request) == Some((user.clone(), password.clone()));
                let challenge = "Basic realm=\"fake registry\"".to_owned();
                (!known).then(|| unauthorized(challenge))
            }
            Self::Token { .. } => {
                let wanted = scopes(route, request);
                let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
                let granted =
                    token.and_then(|token| hex::decode(token).ok()).and_then(|it| String::from_utf8(it).ok());
                let granted =
                    granted.as_deref().and_then(|it| it.strip_prefix("granted ")).map(str::to_owned);
                let enough = |granted: String| wanted.iter().all(|wanted| covers(&granted, wanted));
                if granted.is_some_and(enough) {
                    return None;
                }
                let mut challenge = format!("Bearer realm=\"{registry}/token\",service=\"fake-registry\"");
                if !wanted.is_empty() {
                    challenge += &format!(",scope=\"{}\"", wanted.join(" "));
                }
                Some(unauthorized(challenge))
            }
        }
    }

    /// Answers `GET /token?service=…&scope=…`.
    pub(super) fn sell_token(&self, request: &Request) -> Response {
        let Self::Token { user, password, anonymous_pull } = self else { return Response::status(404) };
        let scopes = request.parameters("scope").join(" ");
        let known = match basic_credentials(request) {
            Some(credentials) => credentials == (user.clone(), password.clone()),
            None => *anonymous_pull && !scopes.contains("push"),
        };
        if !known {
            return error(401, "UNAUTHORIZED", "wrong user or password");
        }
        let token = hex::encode(format!("granted {scopes}"));
        let body = json!({ "token": token, "access_token": token, "expires_in": 300 });
        Response::ok(body.to_string()).header("content-type", "application/json")
    }
}

fn unauthorized(challenge: String) -> Response {
    error(401, "UNAUTHORIZED", "authentication required").header("www-authenticate", challenge)
}

/// What a request needs, as scopes.
fn scopes(route: &Route<'_>, request: &Request) -> Vec<String> {
    let Some(repository) = route.repository() else { return Vec::new() };
    let reading = matches!(request.method.as_str(), "GET" | "HEAD");
    let actions = if reading { "pull" } else { "pull,push" };
    let mut scopes = vec![format!("repository:{repository}:{actions}")];
    if let (Route::Uploads { .. }, Some(from)) = (route, request.parameter("from")) {
        scopes.push(format!("repository:{from}:pull"));
    }
    scopes
}

/// Whether granted scopes (separated by spaces) hold all actions of the wanted one.
fn covers(granted: &str, wanted: &str) -> bool {
    let Some((resource, actions)) = wanted.rsplit_once(':') else { return false };
    let mut held =
        granted.split(' ').filter_map(|scope| scope.rsplit_once(':')).filter(|(of, _)| *of == resource);
    held.any(|(_, held)| actions.split(',').all(|action| held.split(',').any(|it| it == action)))
}
