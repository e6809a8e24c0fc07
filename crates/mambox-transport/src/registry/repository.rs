//! Requests to one repository: authorization, repetition, bounded answers, errors in words.

use std::future::Future;

use mambox_oci::Digest;
use reqwest::header::AUTHORIZATION;
use reqwest::{Request, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::error::{cause, hint};
use super::retry::retry_after;
use super::session::Session;
use super::{Registry, RegistryError, RegistryReference};

/// The longest answer that is no blob: an error, a token.
const SMALL: u64 = 1 << 20;

/// One repository, for pulling or for pushing.
pub(crate) struct Repository {
    pub(crate) registry: Registry,
    pub(crate) reference: RegistryReference,
    base: Url,
    session: Session,
    /// `pulling from team/app`.
    action: String,
}

impl Repository {
    /// For reading.
    pub(crate) fn pull(registry: &Registry, reference: &RegistryReference) -> Result<Self, RegistryError> {
        let scope = format!("repository:{}:pull", reference.repository());
        Self::new(registry, reference, "pulling from", vec![scope])
    }

    /// For writing, and for mounting blobs from `sources`, other repositories of the same registry.
    pub(crate) fn push(
        registry: &Registry,
        reference: &RegistryReference,
        sources: &[String],
    ) -> Result<Self, RegistryError> {
        let own = format!("repository:{}:pull,push", reference.repository());
        let scopes = sources.iter().map(|name| format!("repository:{name}:pull"));
        Self::new(registry, reference, "pushing to", std::iter::once(own).chain(scopes).collect())
    }

    fn new(
        registry: &Registry,
        reference: &RegistryReference,
        verb: &str,
        scopes: Vec<String>,
    ) -> Result<Self, RegistryError> {
        Ok(Self {
            registry: registry.clone(),
            reference: reference.clone(),
            base: registry.base(reference.registry())?,
            session: Session::new(scopes),
            action: format!("{verb} {}", reference.repository()),
        })
    }

    /// `/v2/NAME/PATH`. Names and paths hold nothing that needs escaping.
    pub(crate) fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let whole = format!("v2/{}/{path}", self.reference.repository());
        self.base.join(&whole).map_err(|_| self.protocol(path, "it makes no URL"))
    }

    /// A blob's address.
    pub(crate) fn blob_url(&self, digest: Digest) -> Result<Url, RegistryError> {
        self.url(&format!("blobs/{digest}"))
    }

    pub(crate) fn client(&self) -> Result<&reqwest::Client, RegistryError> {
        self.registry.client()
    }

    /// Sends what `build` makes until there is a final answer, of whatever status.
    pub(crate) async fn send(
        &self,
        what: &str,
        build: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, RegistryError> {
        let mut attempt = 0;
        let mut asked_again = false;
        loop {
            let outcome = self.once(what, build(self.client()?)).await;
            let pause = match outcome {
                Ok((response, generation)) => {
                    if response.status() == StatusCode::UNAUTHORIZED && !asked_again {
                        asked_again = true;
                        if self.authorize(&response, generation).await? {
                            continue;
                        }
                    }
                    match self.registry.retry().pause_after(response.status(), response.headers(), attempt) {
                        Some(pause) => pause,
                        None => return Ok(response),
                    }
                }
                Err(error) => match self.registry.retry().pause(attempt) {
                    Some(pause) if error.may_pass() => pause,
                    _ => return Err(error),
                },
            };
            tracing::debug!(attempt, ?pause, "repeating {what}");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Sends one request once, with the authorization of the moment; gives back its generation, too.
    pub(crate) async fn once(
        &self,
        what: &str,
        request: RequestBuilder,
    ) -> Result<(Response, u64), RegistryError> {
        let (request, generation) = self.prepare(what, request).await?;
        let answer = self.client()?.execute(request);
        let response = patiently(&self.registry, self.reference.registry(), what, answer).await?;
        Ok((response, generation))
    }

    /// Adds the authorization, but never to a request for another host (CVE-2020-15157).
    pub(crate) async fn prepare(
        &self,
        what: &str,
        request: RequestBuilder,
    ) -> Result<(Request, u64), RegistryError> {
        let mut request = request.build().map_err(|_| self.protocol(what, "it makes no request"))?;
        let proof = self.session.proof().await;
        let url = request.url();
        let own = url.scheme() == self.base.scheme()
            && url.host_str() == self.base.host_str()
            && url.port_or_known_default() == self.base.port_or_known_default();
        if let Some(header) = proof.header.filter(|_| own) {
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        Ok((request, proof.generation))
    }

    /// After a 401: whether another try makes sense.
    pub(crate) async fn authorize(&self, refused: &Response, generation: u64) -> Result<bool, RegistryError> {
        self.session
            .answer(&self.registry, &self.reference, &self.action, refused.headers(), generation)
            .await
    }

    /// Turns an answer that is no success into an error.
    pub(crate) async fn refused(&self, what: &str, response: Response) -> RegistryError {
        let registry = self.reference.registry().to_owned();
        let status = response.status();
        let wait = retry_after(response.headers());
        // The status says enough if the words cannot be read.
        let body = small_body(&self.registry, &registry, what, response).await.unwrap_or_default();
        let answer = words(status, &body, &self.session.secrets().await);
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let login = self.session.advice(&registry).await;
                RegistryError::Denied { registry, action: self.action.clone(), answer, login }
            }
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = wait.filter(|wait| !wait.is_zero());
                let wait =
                    wait.map(|wait| format!(" (it asks to wait {} s)", wait.as_secs())).unwrap_or_default();
                RegistryError::Busy { registry, answer, wait }
            }
            _ => RegistryError::Status { registry, what: what.into(), answer },
        }
    }

    /// An answer that breaks the rules.
    pub(crate) fn protocol(&self, what: &str, problem: &str) -> RegistryError {
        RegistryError::Protocol {
            registry: self.reference.registry().into(),
            what: what.into(),
            problem: problem.into(),
        }
    }

    /// Reads an answer's body up to `limit` bytes.
    pub(crate) async fn body(
        &self,
        what: &str,
        response: Response,
        limit: u64,
    ) -> Result<Vec<u8>, RegistryError> {
        body(&self.registry, self.reference.registry(), what, response, limit).await
    }
}

impl RegistryError {
    /// Whether the connection, not the answer, was at fault.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { cause, .. } if !cause.to_ascii_lowercase().contains("certificate"))
    }
}

/// Waits for an answer, or for a part of it, as long as the settings allow.
pub(crate) async fn patiently<T>(
    via: &Registry,
    registry: &str,
    what: &str,
    answer: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, RegistryError> {
    let patience = via.settings().read_timeout;
    let cause = match tokio::time::timeout(patience, answer).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(error)) => cause(&error, via.settings().connect_timeout),
        Err(_) => format!("no answer within {} s", patience.as_secs()),
    };
    let hint = hint(&cause);
    Err(RegistryError::Unreachable { registry: registry.into(), what: what.into(), cause, hint })
}

/// Reads a short body.
pub(crate) async fn small_body(
    via: &Registry,
    registry: &str,
    what: &str,
    response: Response,
) -> Result<Vec<u8>, RegistryError> {
    body(via, registry, what, response, SMALL).await
}

async fn body(
    via: &Registry,
    registry: &str,
    what: &str,
    mut response: Response,
    limit: u64,
) -> Result<Vec<u8>, RegistryError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = patiently(via, registry, what, response.chunk()).await? {
        if bytes.len() as u64 + chunk.len() as u64 > limit {
            return Err(RegistryError::Protocol {
                registry: registry.into(),
                what: what.into(),
                problem: format!("the answer is longer than {limit} bytes"),
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The status and what the registry says to it (distribution-spec, "Error Codes"), secrets removed.
pub(crate) fn words(status: StatusCode, body: &[u8], secrets: &[String]) -> String {
    const LONGEST: usize = 300;
    let mut text = status.to_string();
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut said: Vec<String> = Vec::new();
    for error in json["errors"].as_array().map(Vec::as_slice).unwrap_or_default().iter().take(3) {
        let part = |key: &str| error[key].as_str().unwrap_or_default();
        said.push(
            [part("code"), part("message")]
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    // What token servers say.
    said.extend(
        ["details", "message", "error_description"]
            .iter()
            .filter_map(|key| json[key].as_str())
            .map(str::to_owned),
    );
    for mut part in said.into_iter().filter(|part| !part.is_empty()) {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            part = part.replace(secret.as_str(), "*****");
        }
        text += ": ";
        text.extend(part.chars().filter(|c| !c.is_control()).take(LONGEST));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_words_are_kept_short_and_clean() {
        let body = br#"{"errors": [{"code": "DENIED", "message": "no \u001b[31mway, s3cret"}]}"#;
        let shown = words(StatusCode::FORBIDDEN, body, &["s3cret".into(), String::new()]);
        insta::assert_snapshot!(shown, @"403 Forbidden: DENIED, no [31mway, *****");
        insta::assert_snapshot!(words(StatusCode::BAD_GATEWAY, b"<html>", &[]), @"502 Bad Gateway");
        let long = format!(r#"{{"message": "{}"}}"#, "x".repeat(10_000));
        assert!(words(StatusCode::BAD_GATEWAY, long.as_bytes(), &[]).len() < 400);
    }
}
