//! Tokens for a repository (distribution's "Token Authentication Specification" and its OAuth2 form).

use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;

use super::credentials::{Login, Secret};
use super::repository::{patiently, small_body, words};
use super::{Registry, RegistryError};

/// How we introduce ourselves to OAuth2 token servers.
const CLIENT_ID: &str = "mambox";

/// What is asked for.
pub(crate) struct TokenRequest<'a> {
    pub(crate) registry: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) service: Option<&'a str>,
    pub(crate) scopes: &'a [String],
    pub(crate) login: Option<&'a Login>,
}

/// Why there is no token.
pub(crate) enum NoToken {
    /// The server said no; its host, the status and its words.
    Refused {
        server: String,
        answer: String,
    },
    Failed(RegistryError),
}

impl From<RegistryError> for NoToken {
    fn from(error: RegistryError) -> Self {
        Self::Failed(error)
    }
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

impl TokenRequest<'_> {
    /// Gets a token, trying again where the server is busy.
    pub(crate) async fn send(&self, via: &Registry) -> Result<String, NoToken> {
        let realm = self.realm(via)?;
        let what = format!("the request for a token from {}", realm.host_str().unwrap_or_default());
        let mut attempt = 0;
        loop {
            let response = match patiently(via, self.registry, &what, self.build(via, &realm)?.send()).await {
                Ok(response) => response,
                Err(error) => match via.retry().pause(attempt) {
                    Some(pause) => {
                        tokio::time::sleep(pause).await;
                        attempt += 1;
                        continue;
                    }
                    None => return Err(error.into()),
                },
            };
            match via.retry().pause_after(response.status(), response.headers(), attempt) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return self.read(via, &realm, &what, response).await,
            }
            attempt += 1;
        }
    }

    /// The token server's address. A registry behind TLS must not lure the password out in the clear.
    fn realm(&self, via: &Registry) -> Result<Url, RegistryError> {
        let broken = |problem: &str| RegistryError::Protocol {
            registry: self.registry.into(),
            what: "the request for a login".into(),
            problem: problem.into(),
        };
        let realm = Url::parse(self.realm).map_err(|_| broken("the token server's address is no URL"))?;
        let secure = via.base(self.registry)?.scheme() == "https";
        match realm.scheme() {
            "https" => Ok(realm),
            "http" if !secure => Ok(realm),
            _ => Err(broken("it sends logins to a token server without TLS")),
        }
    }

    fn build(&self, via: &Registry, realm: &Url) -> Result<reqwest::RequestBuilder, RegistryError> {
        let client = via.client()?;
        let service = self.service.map(|service| ("service", service));
        if let Some(Login { secret: Secret::RefreshToken(token), .. }) = self.login {
            let scope = self.scopes.join(" ");
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs([
                ("grant_type", "refresh_token"),
                ("refresh_token", token),
                ("client_id", CLIENT_ID),
            ]);
            form.extend_pairs([("scope", scope.as_str())].into_iter().chain(service));
            let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            let request = client.post(realm.clone()).header(reqwest::header::CONTENT_TYPE, form_type);
            return Ok(request.body(form.finish()));
        }
        let mut url = realm.clone();
        url.query_pairs_mut()
            .extend_pairs(self.scopes.iter().map(|scope| ("scope", scope.as_str())).chain(service));
        let request = client.get(url);
        Ok(match self.login {
            Some(Login { secret: Secret::Password(user, password), .. }) => {
                request.basic_auth(user, Some(password))
            }
            _ => request,
        })
    }

    async fn read(
        &self,
        via: &Registry,
        realm: &Url,
        what: &str,
        response: Response,
    ) -> Result<String, NoToken> {
        let status = response.status();
        let body = small_body(via, self.registry, what, response).await?;
        if status != StatusCode::OK {
            let secrets = self.login.map(|login| login.secret.texts()).unwrap_or_default();
            let answer = words(status, &body, &secrets);
            let server = realm.host_str().unwrap_or_default().to_owned();
            let busy = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            return Err(match busy {
                true => RegistryError::Status { registry: server, what: what.into(), answer }.into(),
                false => NoToken::Refused { server, answer },
            });
        }
        let token = serde_json::from_slice::<Answer>(&body).ok().and_then(|a| a.token.or(a.access_token));
        // An empty token is none: some servers answer so to the nameless.
        token.filter(|token| !token.is_empty()).ok_or_else(|| {
            NoToken::Failed(RegistryError::Protocol {
                registry: self.registry.into(),
                what: what.into(),
                problem: "there is no token in the answer".into(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RegistrySettings;

    #[test]
    fn a_password_is_not_sent_in_the_clear_for_a_registry_behind_tls() {
        let via = Registry::new(RegistrySettings::default());
        let realm = |registry: &str, realm: &str| {
            let request = TokenRequest { registry, realm, service: None, scopes: &[], login: None };
            request.realm(&via).map_or_else(|error| error.to_string(), |url| url.to_string())
        };
        assert_eq!(realm("ghcr.io", "https://ghcr.io/token?a=b"), "https://ghcr.io/token?a=b");
        assert_eq!(realm("localhost:5000", "http://localhost:5001/token"), "http://localhost:5001/token");
        insta::assert_snapshot!(realm("ghcr.io", "http://evil.example/token"), @"ghcr.io breaks the registry protocol in answer to the request for a login: it sends logins to a token server without TLS");
        insta::assert_snapshot!(realm("ghcr.io", "token"), @"ghcr.io breaks the registry protocol in answer to the request for a login: the token server's address is no URL");
    }
}
