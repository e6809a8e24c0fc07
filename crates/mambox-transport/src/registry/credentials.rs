//! Logins from the files of docker, podman and skopeo.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential};
use serde_json::Value;

use super::{RegistryError, RegistryReference};

/// The key under which Docker keeps the login of Docker Hub.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";
/// More is no login file.
const MAX_FILE: u64 = 4 << 20;

/// A login and where it was found. `Debug` shows only the latter.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) secret: Secret,
    pub(crate) file: PathBuf,
}

/// What proves who we are.
#[derive(Clone)]
pub(crate) enum Secret {
    /// User name and password.
    Password(String, String),
    /// An OAuth2 refresh token.
    RefreshToken(String),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login(from {})", self.file.display())
    }
}

impl Secret {
    /// The texts that must never be shown.
    pub(crate) fn texts(&self) -> Vec<String> {
        match self {
            Self::Password(_, password) => vec![password.clone()],
            Self::RefreshToken(token) => vec![token.clone()],
        }
    }
}

/// What the search for a login brought to light.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) login: Option<Login>,
    /// Why a helper had nothing to say, for the message should the registry refuse.
    pub(crate) remarks: Vec<String>,
}

/// Looks through the files; the first that knows the repository or its registry wins. Blocks: helpers are run.
pub(crate) fn find(files: &[PathBuf], reference: &RegistryReference) -> Result<Found, RegistryError> {
    let mut found = Found::default();
    for path in files {
        let problem = |problem: String| RegistryError::AuthFile { path: path.clone(), problem };
        let Some(bytes) = read(path).map_err(|error| problem(error.to_string()))? else { continue };
        // serde_json quotes no content in its messages, only kinds and places.
        let file: Value = serde_json::from_slice(&bytes).map_err(|error| problem(error.to_string()))?;
        for key in keys(&file, reference) {
            match docker_credential::get_credential_from_reader(bytes.as_slice(), &key) {
                Ok(credential) => {
                    found.login = Some(Login { secret: secret(credential), file: path.clone() });
                    return Ok(found);
                }
                Err(error) => found.remarks.extend(remark(&error, &key, path)),
            }
        }
    }
    Ok(found)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_FILE => {
            Err(io::Error::other("it is too large for a login file"))
        }
        Ok(_) => std::fs::read(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where a login may stand, the most specific place first (containers-auth.json(5)).
///
/// A repository's own key counts only if the file has it; the registry's is tried in any case, since a
/// credential store may know it.
fn keys(file: &Value, reference: &RegistryReference) -> Vec<String> {
    let written = |key: &str| ["auths", "credHelpers"].iter().any(|part| file[part].get(key).is_some());
    let place = reference.place();
    let mut keys: Vec<String> = Vec::new();
    let mut prefix = place.as_str();
    while let Some((shorter, _)) = prefix.rsplit_once('/') {
        keys.extend(Some(prefix).filter(|key| written(key)).map(str::to_owned));
        prefix = shorter;
    }
    if reference.registry() == "docker.io" {
        keys.extend(
            ["docker.io", "index.docker.io"].map(str::to_owned).into_iter().filter(|key| written(key)),
        );
        keys.push(DOCKER_HUB_KEY.into());
    } else {
        keys.push(reference.registry().to_owned());
    }
    keys
}

fn secret(credential: DockerCredential) -> Secret {
    match credential {
        DockerCredential::UsernamePassword(user, password) if user == "<token>" => {
            Secret::RefreshToken(password)
        }
        DockerCredential::UsernamePassword(user, password) => Secret::Password(user, password),
        DockerCredential::IdentityToken(token) => Secret::RefreshToken(token),
    }
}

/// Says what is wrong without repeating what a helper printed, which may be a secret.
fn remark(error: &CredentialRetrievalError, key: &str, path: &Path) -> Option<String> {
    let path = path.display();
    match error {
        CredentialRetrievalError::HelperCommunicationError => Some(format!(
            "the credential helper that {path} names for {key} cannot be run; is it on the PATH?"
        )),
        CredentialRetrievalError::MalformedHelperResponse => {
            Some(format!("the credential helper that {path} names for {key} answered nonsense"))
        }
        CredentialRetrievalError::HelperFailure { helper, .. } => {
            Some(format!("{helper} has no login for {key}"))
        }
        CredentialRetrievalError::CredentialDecodingError
        | CredentialRetrievalError::CredentialMismatchError => {
            Some(format!("the entry for {key} in {path} is damaged"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str, name: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        std::fs::write(&path, json).unwrap();
        let files = [folder.path().join("missing.json"), path];
        let found = find(&files, &name.parse().unwrap()).unwrap();
        let remarks = found.remarks.join("; ").replace(&folder.path().display().to_string(), "…");
        match found.login.map(|login| login.secret) {
            Some(Secret::Password(user, password)) => format!("{user}:{password} {remarks}"),
            Some(Secret::RefreshToken(token)) => format!("token {token} {remarks}"),
            None => format!("none {remarks}"),
        }
    }

    #[test]
    fn the_most_specific_entry_wins() {
        // "a:1", "b:2", "c:3"
        let json = r#"{"auths": {"quay.io/team/app": {"auth": "YTox"}, "quay.io/team": {"auth": "Yjoy"}, "quay.io": {"auth": "Yzoz"}}}"#;
        assert_eq!(shown(json, "quay.io/team/app"), "a:1 ");
        assert_eq!(shown(json, "quay.io/team/other"), "b:2 ");
        assert_eq!(shown(json, "quay.io/else"), "c:3 ");
        assert_eq!(shown(json, "ghcr.io/else"), "none ");
    }

    #[test]
    fn docker_hub_has_several_names() {
        for key in ["https://index.docker.io/v1/", "index.docker.io", "docker.io"] {
            assert_eq!(
                shown(&format!(r#"{{"auths": {{"{key}": {{"auth": "YTox"}}}}}}"#), "debian"),
                "a:1 ",
                "{key}"
            );
        }
        let token = r#"{"auths": {"docker.io": {"auth": "", "identitytoken": "abc"}}}"#;
        assert_eq!(shown(token, "debian"), "token abc ");
    }

    #[test]
    fn a_missing_helper_is_remarked_and_does_not_end_the_search() {
        let json = r#"{"credsStore": "mambox-test-has-no-such-helper", "auths": {"quay.io": {}}}"#;
        insta::assert_snapshot!(shown(json, "quay.io/x"), @"none the credential helper that …/auth.json names for quay.io cannot be run; is it on the PATH?");
        let json = r#"{"auths": {"quay.io": {"auth": "!!"}}}"#;
        insta::assert_snapshot!(shown(json, "quay.io/x"), @"none the entry for quay.io in …/auth.json is damaged");
    }

    #[test]
    fn a_broken_file_is_named_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, r#"{"auths": {"quay.io": {"auth": "c2VjcmV0"#).unwrap();
        let error = find(&[path], &"quay.io/x".parse().unwrap()).unwrap_err().to_string();
        let error = error.replace(&folder.path().display().to_string(), "…");
        insta::assert_snapshot!(error, @"the login file …/config.json cannot be read: EOF while parsing a string at line 1 column 40");
    }
}
