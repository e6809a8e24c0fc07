//! Names of images in registries: `debian:13-slim` is `docker.io/library/debian:13-slim`.

use std::fmt;
use std::str::FromStr;

use mambox_oci::{Digest, MountSource};

/// The registry of names that mention none.
const DOCKER_HUB: &str = "docker.io";
/// Docker's limit for the name of a repository.
const MAX_NAME: usize = 255;
const MAX_TAG: usize = 128;

/// A normalised name of an image in a registry. Follows Docker's reference grammar, and takes IPv6
/// addresses in brackets besides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryReference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A text that is no name of an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no image name: {problem}")]
pub struct InvalidName {
    text: String,
    problem: &'static str,
}

impl RegistryReference {
    /// Host and port, `docker.io` for Docker Hub.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository's full name in its registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag: `latest` where neither tag nor digest was given.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if one was given; it decides over the tag.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The same repository with one digest and no tag.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { tag: None, digest: Some(digest), ..self.clone() }
    }

    /// The same repository with another tag and no digest.
    pub fn with_tag(&self, tag: &str) -> Result<Self, InvalidName> {
        check_tag(tag).map_err(|problem| InvalidName { text: shown(tag), problem })?;
        Ok(Self { tag: Some(tag.into()), digest: None, ..self.clone() })
    }

    /// The repository as a place to mount blobs from.
    pub fn mount_source(&self) -> MountSource {
        MountSource { registry: self.registry.clone(), repository: self.repository.clone() }
    }

    /// Registry and repository, for messages.
    pub(crate) fn place(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl fmt::Display for RegistryReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

impl FromStr for RegistryReference {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        parse(text).map_err(|problem| InvalidName { text: shown(text), problem })
    }
}

/// The text without what may be a password, and not too long.
fn shown(text: &str) -> String {
    let text = match text.rsplit_once('@') {
        Some((login, rest)) if login.contains(':') && !rest.starts_with("sha256:") => {
            let scheme = login.find("://").map_or("", |at| &login[..at + 3]);
            format!("{scheme}*****@{rest}")
        }
        _ => text.to_owned(),
    };
    text.chars().take(200).collect()
}

fn parse(text: &str) -> Result<RegistryReference, &'static str> {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => {
            let digest =
                digest.parse().map_err(|_| "what follows '@' must be sha256:<64 hexadecimal digits>")?;
            (name, Some(digest))
        }
        None => (text, None),
    };
    let path_start = name.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name[path_start..].rfind(':') {
        Some(colon) => (&name[..path_start + colon], Some(&name[path_start + colon + 1..])),
        None => (name, None),
    };
    if let Some(tag) = tag {
        check_tag(tag)?;
    }
    let (registry, repository) = split_registry(name);
    check_registry(&registry)?;
    check_repository(&repository)?;
    let tag = tag.or(if digest.is_none() { Some("latest") } else { None });
    Ok(RegistryReference { registry, repository, tag: tag.map(str::to_owned), digest })
}

/// The first part is a registry if it looks like a host; Docker's rule.
fn split_registry(name: &str) -> (String, String) {
    // Docker also takes a word with capitals for a host. Not so here: it is a slip far more often, and
    // in lower case, as hosts are compared, the name would mean another image.
    let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if is_host(first) => (first, rest),
        _ => (DOCKER_HUB, name),
    };
    let registry = match registry {
        "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB,
        other => other,
    };
    let repository = match repository.contains('/') {
        false if registry == DOCKER_HUB && !repository.is_empty() => format!("library/{repository}"),
        _ => repository.to_owned(),
    };
    (registry.to_ascii_lowercase(), repository)
}

fn check_registry(registry: &str) -> Result<(), &'static str> {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (registry, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("the registry's port is no number up to 65535");
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match v6 {
        Some(address) if address.parse::<std::net::Ipv6Addr>().is_ok() => Ok(()),
        None if !host.is_empty() && host.bytes().all(plain) && !host.starts_with(['-', '.']) => Ok(()),
        _ => Err("its registry is no host name"),
    }
}

fn check_repository(repository: &str) -> Result<(), &'static str> {
    if repository.is_empty() {
        return Err("it names no repository");
    }
    if repository.len() > MAX_NAME {
        return Err("the repository's name is longer than 255 characters");
    }
    if repository.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("the repository's name must be in lower case");
    }
    let sane = |part: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        edge(part.chars().next())
            && edge(part.chars().next_back())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            && !part.contains("..")
    };
    if repository.split('/').all(sane) {
        Ok(())
    } else {
        Err("a repository is made of letters, digits and single '.', '_', '-' between '/'")
    }
}

fn check_tag(tag: &str) -> Result<(), &'static str> {
    let sane = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if tag.is_empty() || tag.len() > MAX_TAG || tag.starts_with(['.', '-']) || !tag.bytes().all(sane) {
        return Err("a tag is made of up to 128 letters, digits, '.', '_', '-'");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        text.parse::<RegistryReference>().map_or_else(|error| error.to_string(), |name| name.to_string())
    }

    #[test]
    fn short_names_are_docker_hubs() {
        insta::assert_snapshot!(name("debian"), @"docker.io/library/debian:latest");
        insta::assert_snapshot!(name("debian:13-slim"), @"docker.io/library/debian:13-slim");
        insta::assert_snapshot!(name("mambaorg/micromamba:2"), @"docker.io/mambaorg/micromamba:2");
        insta::assert_snapshot!(name("index.docker.io/debian"), @"docker.io/library/debian:latest");
        insta::assert_snapshot!(name("ghcr.io/me/np"), @"ghcr.io/me/np:latest");
        insta::assert_snapshot!(name("GHCR.io/me/np"), @"ghcr.io/me/np:latest");
        insta::assert_snapshot!(name("localhost/x"), @"localhost/x:latest");
        insta::assert_snapshot!(name("localhost:5000/a/b/c:1"), @"localhost:5000/a/b/c:1");
        insta::assert_snapshot!(name("[::1]:5000/x:1"), @"[::1]:5000/x:1");
    }

    #[test]
    fn a_digest_and_a_tag_may_both_be_given() {
        let digest = Digest::of(b"x");
        for text in [format!("quay.io/a/b@{digest}"), format!("quay.io/a/b:1@{digest}")] {
            assert_eq!(name(&text), text);
        }
    }

    #[test]
    fn what_is_wrong_with_a_name_is_said() {
        insta::assert_snapshot!(name(""), @"'' is no image name: it names no repository");
        insta::assert_snapshot!(name("ghcr.io/Me/x"), @"'ghcr.io/Me/x' is no image name: the repository's name must be in lower case");
        insta::assert_snapshot!(name("a/../b"), @"'a/../b' is no image name: a repository is made of letters, digits and single '.', '_', '-' between '/'");
        insta::assert_snapshot!(name("x:"), @"'x:' is no image name: a tag is made of up to 128 letters, digits, '.', '_', '-'");
        insta::assert_snapshot!(name("h:99999/x"), @"'h:99999/x' is no image name: the registry's port is no number up to 65535");
        insta::assert_snapshot!(name("x@sha256:12"), @"'x@sha256:12' is no image name: what follows '@' must be sha256:<64 hexadecimal digits>");
    }

    #[test]
    fn a_password_in_a_name_is_not_repeated() {
        for text in ["https://me:secret@ghcr.io/x", "me:secret@ghcr.io/x:1"] {
            let message = name(text);
            assert!(message.contains("*****@ghcr.io/x") && !message.contains("secret"), "{message}");
        }
    }
}
