//! What to say of a text that is no reference: the nearest right spelling, and no secret.

use crate::{InvalidName, RegistryReference};

/// A text that is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' {problem}{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct InvalidReference {
    text: String,
    problem: String,
    hint: Option<String>,
}

impl InvalidReference {
    pub(crate) fn new(text: &str, problem: impl Into<String>, hint: Option<String>) -> Self {
        Self { text: masked(text), problem: problem.into(), hint }
    }
}

/// The transports that a reference may name.
const TRANSPORTS: [&str; 6] = ["docker", "oci", "oci-archive", "docker-archive", "docker-daemon", "rootfs"];

/// The error for `transport:rest` where `transport` is a word of somebody else's or a misspelt one of
/// ours; `None` where the whole may well be a name with a tag.
pub(crate) fn of_transport(text: &str, transport: &str, rest: &str) -> Option<InvalidReference> {
    let error = |problem: &str, hint: String| Some(InvalidReference::new(text, problem, Some(hint)));
    let rest = masked(rest);
    match transport {
        "containers-storage" | "podman" => {
            let name = rest.trim_start_matches('/');
            return error(
                "is in podman's own storage, which only podman can read",
                format!(
                    "run `podman save --format oci-archive -o image.tar {name}` and use oci-archive:image.tar"
                ),
            );
        }
        "http" | "https" => {
            return error("is a web address", format!("write docker:{rest}"));
        }
        "dir" => return error("is skopeo's own layout, which is not supported", format!("use oci:{rest}")),
        "docker" if text.parse::<RegistryReference>().is_err() => {
            return error("lacks the slashes", format!("write docker://{rest}"));
        }
        "sif" | "oras" => {
            return error(
                "can be written, but not read",
                "use the image that it was made of, such as oci:DIR or docker://NAME".into(),
            );
        }
        "ostree" | "tarball" | "docker-image" => {
            return error(
                "names a transport that is not supported",
                format!("use one of {}", TRANSPORTS.join(", ")),
            );
        }
        _ => {}
    }
    // Only the long words: an image may well be called `oic`.
    let near = TRANSPORTS[2..]
        .iter()
        .find(|known| (1..=2).contains(&strsim::damerau_levenshtein(known, transport)))?;
    error(
        "names an unknown transport",
        format!("did you mean {near}:{rest}? (an image of that name is docker://{text})"),
    )
}

/// The error for a name that no registry takes.
pub(crate) fn of_name(text: &str, name: &str, error: InvalidName) -> InvalidReference {
    let refuse = |problem: &str, hint: Option<String>| InvalidReference::new(text, problem, hint);
    if name.is_empty() {
        return refuse("names no image", Some("write a name such as debian:13-slim".into()));
    }
    if masked(name) != name {
        return refuse(
            "holds credentials, which do not belong in a reference",
            Some("log in with `docker login` or `podman login`".into()),
        );
    }
    let lower = name.to_lowercase();
    if lower != name && lower.parse::<RegistryReference>().is_ok() {
        return refuse("is no image name: names are lower-case", Some(format!("write {lower}")));
    }
    if std::path::Path::new(name).is_absolute() || name.contains('\\') || name.contains(' ') {
        return refuse("is no image name", Some(format!("for a file or folder, write ./{name}")));
    }
    let problem = error.to_string();
    let problem = problem.rsplit_once("is no image name: ").map_or(problem.as_str(), |(_, problem)| problem);
    refuse(&format!("is no image name: {problem}"), None)
}

/// The text with `user:password@` and `user@` of a host left out, and cut to a readable length.
fn masked(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = text.split_at(start);
    let host = rest.split('/').next().unwrap_or_default();
    let hidden = match host.rfind('@') {
        Some(at) if !host[at + 1..].starts_with("sha256:") => format!("{scheme}***{}", &rest[at..]),
        _ => text.to_owned(),
    };
    hidden.chars().take(300).collect()
}
