//! Manifests and indexes of a repository.

use mambox_oci::{Digest, MediaType};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use super::repository::Repository;
use super::{BlobCache, RegistryError};

/// Registries take no longer manifest (distribution-spec, "Pushing Manifests").
pub(crate) const MAX_MANIFEST: u64 = 4 << 20;
const DIGEST_HEADER: &str = "docker-content-digest";

/// What a manifest's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Image,
    Index,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    media_type: Option<MediaType>,
    manifests: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
}

/// Tells an index from an image. A document that could be both is neither (CVE-2021-41190).
pub(crate) fn kind(bytes: &[u8]) -> Option<Kind> {
    let shape: Shape = serde_json::from_slice(bytes).ok()?;
    let image = shape.layers.is_some() || shape.config.is_some();
    let index = shape.manifests.is_some();
    match shape.media_type {
        Some(stated) if stated.is_index() => (index && !image).then_some(Kind::Index),
        Some(stated) if stated.is_manifest() => (image && !index).then_some(Kind::Image),
        Some(_) => None,
        None if image != index => Some(if index { Kind::Index } else { Kind::Image }),
        None => None,
    }
}

impl Repository {
    /// What a tag means now, if a mere look tells.
    pub(crate) async fn look_up(&self, tag: &str) -> Result<Option<Digest>, RegistryError> {
        let url = self.url(&format!("manifests/{tag}"))?;
        let what = format!("the lookup of {}", self.named(tag));
        let response = self.send(&what, |client| client.head(url.clone()).header(ACCEPT, accepted())).await?;
        Ok((response.status() == StatusCode::OK).then(|| stated_digest(response.headers())).flatten())
    }

    /// A manifest or index by tag.
    pub(crate) async fn manifest_of_tag(&self, tag: &str) -> Result<Vec<u8>, RegistryError> {
        let (bytes, stated) = self.manifest(tag).await?;
        let actual = Digest::of(&bytes);
        match stated {
            Some(stated) if stated != actual => Err(self.wrong_manifest(tag, stated, actual)),
            _ => Ok(bytes),
        }
    }

    /// A manifest or index by digest, from the cache if it has it.
    pub(crate) async fn manifest_of_digest(
        &self,
        digest: Digest,
        cache: &BlobCache,
    ) -> Result<Vec<u8>, RegistryError> {
        if let Some(bytes) = cache.small(digest, MAX_MANIFEST) {
            return Ok(bytes);
        }
        if self.registry.settings().offline {
            let reference = self.reference.with_digest(digest).to_string();
            return Err(RegistryError::Offline { reference });
        }
        let (bytes, _) = self.manifest(&digest.to_string()).await?;
        let actual = Digest::of(&bytes);
        if actual != digest {
            return Err(self.wrong_manifest(&digest.to_string(), digest, actual));
        }
        cache.keep_small(digest, &bytes);
        Ok(bytes)
    }

    async fn manifest(&self, name: &str) -> Result<(Vec<u8>, Option<Digest>), RegistryError> {
        let url = self.url(&format!("manifests/{name}"))?;
        let what = format!("the request for the manifest {}", self.named(name));
        let response = self.send(&what, |client| client.get(url.clone()).header(ACCEPT, accepted())).await?;
        match response.status() {
            StatusCode::OK => {
                let stated = stated_digest(response.headers());
                Ok((self.body(&what, response, MAX_MANIFEST).await?, stated))
            }
            StatusCode::NOT_FOUND => Err(self.no_manifest(name, &what, response).await),
            _ => Err(self.refused(&what, response).await),
        }
    }

    async fn no_manifest(&self, name: &str, what: &str, response: Response) -> RegistryError {
        let reference = format!("{}/{}", self.reference.registry(), self.named(name));
        let answer = match self.refused(what, response).await {
            RegistryError::Status { answer, .. } => answer,
            other => return other,
        };
        let hint = match self.reference.registry() {
            "docker.io" => "; a name without a host is looked for on Docker Hub",
            _ => "",
        };
        RegistryError::NoManifest { reference, answer, hint: hint.into() }
    }

    /// `team/app:1` or `team/app@sha256:…`
    fn named(&self, name: &str) -> String {
        let separator = if name.starts_with("sha256:") { '@' } else { ':' };
        format!("{}{separator}{name}", self.reference.repository())
    }

    fn wrong_manifest(&self, name: &str, expected: Digest, actual: Digest) -> RegistryError {
        RegistryError::Corrupt {
            what: format!("the manifest {}/{}", self.reference.registry(), self.named(name)),
            problem: format!("it has the digest {actual} instead of {expected}"),
        }
    }

    /// Stores a manifest or index under a tag or under its digest. False if it was there already.
    pub(crate) async fn put_manifest(
        &self,
        name: &str,
        media_type: &MediaType,
        bytes: &[u8],
    ) -> Result<bool, RegistryError> {
        let digest = Digest::of(bytes);
        // Also spares registries with immutable tags a pointless refusal.
        if self.look_up(name).await? == Some(digest) {
            return Ok(false);
        }
        let url = self.url(&format!("manifests/{name}"))?;
        let what = format!("the upload of the manifest {}", self.named(name));
        let build = |client: &reqwest::Client| {
            client.put(url.clone()).header(CONTENT_TYPE, media_type.as_str()).body(bytes.to_vec())
        };
        let response = self.send(&what, build).await?;
        if !response.status().is_success() {
            return Err(self.refused(&what, response).await);
        }
        match stated_digest(response.headers()) {
            Some(stored) if stored != digest => Err(self.wrong_manifest(name, digest, stored)),
            _ => Ok(true),
        }
    }
}

fn accepted() -> String {
    [MediaType::OciIndex, MediaType::OciManifest, MediaType::DockerIndex, MediaType::DockerManifest]
        .map(|media_type| media_type.as_str().to_owned())
        .join(", ")
}

fn stated_digest(headers: &HeaderMap) -> Option<Digest> {
    headers.get(DIGEST_HEADER)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_two_minds_is_refused() {
        assert_eq!(kind(br#"{"manifests": []}"#), Some(Kind::Index));
        assert_eq!(kind(br#"{"config": {}, "layers": []}"#), Some(Kind::Image));
        let index = r#""mediaType": "application/vnd.oci.image.index.v1+json""#;
        assert_eq!(kind(format!(r#"{{{index}, "manifests": []}}"#).as_bytes()), Some(Kind::Index));
        for bad in [
            r#"{"manifests": [], "layers": []}"#.to_owned(),
            format!(r#"{{{index}, "layers": []}}"#),
            format!(r#"{{{index}, "manifests": [], "config": {{}}}}"#),
            r#"{"mediaType": "text/html", "layers": []}"#.into(),
            "{}".into(),
            "<html>".into(),
        ] {
            assert_eq!(kind(bad.as_bytes()), None, "{bad}");
        }
    }
}
