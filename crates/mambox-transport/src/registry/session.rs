//! Who we are to one repository: the login, and the header that proves it.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::sync::Mutex;

use super::challenge::Challenge;
use super::credentials::{self, Found, Secret};
use super::token::{NoToken, TokenRequest};
use super::{Registry, RegistryError, RegistryReference};

/// The authorization of one repository, and of those that blobs are mounted from.
///
/// Requests go out bare until the registry asks for more: many need no login to pull.
pub(crate) struct Session {
    scopes: Vec<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Goes up with every new header, so that one refresh serves all requests that failed together.
    generation: u64,
    header: Option<HeaderValue>,
    found: Option<Found>,
    secrets: Vec<String>,
}

/// The header of one moment.
pub(crate) struct Proof {
    pub(crate) header: Option<HeaderValue>,
    pub(crate) generation: u64,
}

impl Session {
    pub(crate) fn new(scopes: Vec<String>) -> Self {
        Self { scopes, state: Mutex::default() }
    }

    /// What to send now.
    pub(crate) async fn proof(&self) -> Proof {
        let state = self.state.lock().await;
        Proof { header: state.header.clone(), generation: state.generation }
    }

    /// After a 401 to a request of `generation`: gets a better header. False if there is none.
    pub(crate) async fn answer(
        &self,
        via: &Registry,
        reference: &RegistryReference,
        action: &str,
        headers: &HeaderMap,
        generation: u64,
    ) -> Result<bool, RegistryError> {
        let mut state = self.state.lock().await;
        if state.generation != generation {
            return Ok(true);
        }
        let Some(challenge) = Challenge::of(headers) else { return Ok(false) };
        let found = match state.found.take() {
            Some(found) => found,
            None => search(via, reference).await?,
        };
        state.found = Some(found.clone());
        state.secrets = found.login.iter().flat_map(|login| login.secret.texts()).collect();
        let header = match challenge {
            Challenge::Bearer { realm, service } => {
                let request = TokenRequest {
                    registry: reference.registry(),
                    realm: &realm,
                    service: service.as_deref(),
                    scopes: &self.scopes,
                    login: found.login.as_ref(),
                };
                let token = request.send(via).await.map_err(|error| match error {
                    NoToken::Failed(error) => error,
                    NoToken::Refused { server, answer } => RegistryError::Token {
                        registry: reference.registry().into(),
                        action: action.into(),
                        server,
                        answer,
                        login: advice(reference.registry(), Some(&found)),
                    },
                })?;
                state.secrets.push(token.clone());
                HeaderValue::from_str(&format!("Bearer {token}")).ok()
            }
            Challenge::Basic => found.login.and_then(|login| basic(via, login.secret)),
        };
        let Some(mut header) = header else { return Ok(false) };
        header.set_sensitive(true);
        state.header = Some(header);
        state.generation += 1;
        Ok(true)
    }

    /// What is known of the login, and what to do, for somebody who was refused.
    pub(crate) async fn advice(&self, registry: &str) -> String {
        advice(registry, self.state.lock().await.found.as_ref())
    }

    /// The texts that a message must not repeat.
    pub(crate) async fn secrets(&self) -> Vec<String> {
        self.state.lock().await.secrets.clone()
    }
}

async fn search(via: &Registry, reference: &RegistryReference) -> Result<Found, RegistryError> {
    let files = via.settings().auth_files.clone();
    let reference = reference.clone();
    tokio::task::spawn_blocking(move || credentials::find(&files, &reference))
        .await
        .map_err(|_| RegistryError::Interrupted("the search for a login".into()))?
}

fn basic(via: &Registry, secret: Secret) -> Option<HeaderValue> {
    let Secret::Password(user, password) = secret else { return None };
    // reqwest knows how to encode it.
    let request =
        via.client().ok()?.get("http://localhost/").basic_auth(user, Some(password)).build().ok()?;
    request.headers().get(AUTHORIZATION).cloned()
}

fn advice(registry: &str, found: Option<&Found>) -> String {
    let host = if registry == "docker.io" { "" } else { registry };
    let command = format!("`docker login {host}`").replace(" `", "`");
    let again = format!("{command}, or the same with podman or skopeo");
    match found {
        Some(Found { login: Some(login), .. }) => format!(
            "the login from {} is not accepted or lacks the right; check it, or renew it with {again}",
            login.file.display()
        ),
        Some(Found { remarks, .. }) if !remarks.is_empty() => {
            format!("no login was found ({}); log in with {again}", remarks.join("; "))
        }
        _ => format!("no login for {registry} was found; log in with {again}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_command_to_type() {
        insta::assert_snapshot!(advice("docker.io", None), @"no login for docker.io was found; log in with `docker login`, or the same with podman or skopeo");
        insta::assert_snapshot!(advice("ghcr.io", None), @"no login for ghcr.io was found; log in with `docker login ghcr.io`, or the same with podman or skopeo");
    }
}
