//! References: where an image is, in skopeo's words (containers-transports(5)).

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::RegistryReference;
use crate::spelling::{self, InvalidReference};

/// Where an image is, or goes. Parsing looks at no file: what a bare path holds, reading finds out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `docker://NAME[:TAG][@DIGEST]`, or the bare name.
    Registry(RegistryReference),
    /// `oci:DIR[:TAG]`: an OCI image layout.
    OciLayout {
        /// The layout's folder.
        dir: PathBuf,
        /// The annotation `org.opencontainers.image.ref.name`.
        tag: Option<String>,
    },
    /// `oci-archive:FILE[:TAG]`: a layout in a tar.
    OciArchive {
        /// The tar, perhaps compressed.
        file: PathBuf,
        /// As for a layout.
        tag: Option<String>,
    },
    /// `docker-archive:FILE[:NAME:TAG]`: what `docker save` writes.
    DockerArchive {
        /// The tar, perhaps compressed.
        file: PathBuf,
        /// One of its `RepoTags`.
        name: Option<String>,
    },
    /// `docker-daemon:NAME[:TAG]` or `docker-daemon:sha256:ID`: an image in a local Docker.
    Daemon(String),
    /// `rootfs:PATH`: a root file system, as a folder or a tar.
    RootFs(PathBuf),
    /// A bare path: an archive, a layout or a root file system, told by its content.
    Path(PathBuf),
    /// `scratch`: no file at all.
    Scratch,
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        if text == "scratch" {
            return Ok(Self::Scratch);
        }
        if is_path(text) {
            return Ok(Self::Path(text.into()));
        }
        if let Some(name) = text.strip_prefix("docker://") {
            return Ok(Self::Registry(registry_name(text, name)?));
        }
        let Some((transport, rest)) = text.split_once(':') else {
            return Ok(Self::Registry(registry_name(text, text)?));
        };
        let (path, tag) = path_and_tag(rest);
        let sane = || match path.as_os_str().is_empty() {
            true => Err(InvalidReference::new(text, "names no file or folder", None)),
            false => Ok(path.clone()),
        };
        match transport {
            "oci" => Ok(Self::OciLayout { dir: sane()?, tag }),
            "oci-archive" => Ok(Self::OciArchive { file: sane()?, tag }),
            "docker-archive" => Ok(Self::DockerArchive { file: sane()?, name: tag }),
            "rootfs" if rest.is_empty() => Err(InvalidReference::new(text, "names no file or folder", None)),
            "rootfs" => Ok(Self::RootFs(rest.into())),
            "docker-daemon" => Ok(Self::Daemon(daemon_name(text, rest)?)),
            _ => match spelling::of_transport(text, transport, rest) {
                Some(error) => Err(error),
                None => Ok(Self::Registry(registry_name(text, text)?)),
            },
        }
    }
}

/// Whether a bare word means a file: it begins like a path or ends like an archive.
/// `images/base` stays a name in a registry; `./images/base` is a folder.
fn is_path(text: &str) -> bool {
    // SIF files cannot be read; a message says so of the file, where a registry would be asked for its name.
    const ENDINGS: [&str; 6] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.zstd", ".sif"];
    let begins = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    begins
        || matches!(text, "." | "..")
        || (!text.contains(':') && ENDINGS.iter().any(|end| text.ends_with(end)))
}

/// Splits at the first colon, as skopeo does; a path with a colon in it has to be renamed.
fn path_and_tag(rest: &str) -> (PathBuf, Option<String>) {
    match rest.split_once(':') {
        Some((path, tag)) => (path.into(), Some(tag.to_owned()).filter(|tag| !tag.is_empty())),
        None => (rest.into(), None),
    }
}

fn registry_name(text: &str, name: &str) -> Result<RegistryReference, InvalidReference> {
    name.parse().map_err(|error: crate::InvalidName| spelling::of_name(text, name, error))
}

fn daemon_name(text: &str, name: &str) -> Result<String, InvalidReference> {
    if let Some(digits) = name.strip_prefix("sha256:") {
        let hexadecimal = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        return match hexadecimal && (4..=64).contains(&digits.len()) {
            true => Ok(name.into()),
            false => Err(InvalidReference::new(text, "has an image ID that is no sha256", None)),
        };
    }
    registry_name(text, name).map(|_| name.into())
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tagged = |f: &mut fmt::Formatter<'_>, transport, path: &Path, tag: &Option<String>| {
            write!(f, "{transport}:{}", path.display())?;
            tag.iter().try_for_each(|tag| write!(f, ":{tag}"))
        };
        match self {
            Self::Registry(name) => write!(f, "docker://{name}"),
            Self::OciLayout { dir, tag } => tagged(f, "oci", dir, tag),
            Self::OciArchive { file, tag } => tagged(f, "oci-archive", file, tag),
            Self::DockerArchive { file, name } => tagged(f, "docker-archive", file, name),
            Self::Daemon(name) => write!(f, "docker-daemon:{name}"),
            Self::RootFs(path) => write!(f, "rootfs:{}", path.display()),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Scratch => f.write_str("scratch"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> String {
        text.parse::<Reference>().map_or_else(|e| format!("error: {e}"), |r| format!("{r:?}"))
    }

    #[test]
    fn skopeos_words_are_understood() {
        let shown: Vec<String> = [
            "debian:13-slim",
            "docker://ghcr.io/me/np@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "docker:24-dind",
            "localhost:5000/x:1",
            "oci:out:docker.io/library/x:1",
            "oci:out",
            "oci-archive:x.tar:1",
            "docker-archive:/x/y.tar:me/x:1",
            "docker-daemon:me/x:1",
            "rootfs:some:where",
            "./folder",
            "x.tar.zst",
            "scratch",
        ]
        .map(|text| match text.parse::<Reference>().unwrap() {
            Reference::Registry(name) => format!("{text} = {name}"),
            other => format!("{text} = {other:?}"),
        })
        .into();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        debian:13-slim = docker.io/library/debian:13-slim
        docker://ghcr.io/me/np@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 = ghcr.io/me/np@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        docker:24-dind = docker.io/library/docker:24-dind
        localhost:5000/x:1 = localhost:5000/x:1
        oci:out:docker.io/library/x:1 = OciLayout { dir: "out", tag: Some("docker.io/library/x:1") }
        oci:out = OciLayout { dir: "out", tag: None }
        oci-archive:x.tar:1 = OciArchive { file: "x.tar", tag: Some("1") }
        docker-archive:/x/y.tar:me/x:1 = DockerArchive { file: "/x/y.tar", name: Some("me/x:1") }
        docker-daemon:me/x:1 = Daemon("me/x:1")
        rootfs:some:where = RootFs("some:where")
        ./folder = Path("./folder")
        x.tar.zst = Path("x.tar.zst")
        scratch = Scratch
        "#);
    }

    #[test]
    fn a_wrong_spelling_is_answered_with_the_nearest_right_one() {
        let shown: Vec<String> = [
            "",
            "oci:",
            "oci-archve:x.tar",
            "docker:me/x:1",
            "https://ghcr.io/me/x",
            "containers-storage:me/x",
            "podman:me/x",
            "dir:x",
            "Debian:13",
            "docker://user:secret@ghcr.io/x",
            "debian:13@sha256:abc",
            "docker-daemon:sha256:zz",
            "me/x:é",
        ]
        .map(parse)
        .into();
        insta::assert_snapshot!(shown.join("\n"), @"
        error: '' names no image; write a name such as debian:13-slim
        error: 'oci:' names no file or folder
        error: 'oci-archve:x.tar' names an unknown transport; did you mean oci-archive:x.tar? (an image of that name is docker://oci-archve:x.tar)
        error: 'docker:me/x:1' lacks the slashes; write docker://me/x:1
        error: 'https://ghcr.io/me/x' is a web address; write docker://ghcr.io/me/x
        error: 'containers-storage:me/x' is in podman's own storage, which only podman can read; run `podman save --format oci-archive -o image.tar me/x` and use oci-archive:image.tar
        error: 'podman:me/x' is in podman's own storage, which only podman can read; run `podman save --format oci-archive -o image.tar me/x` and use oci-archive:image.tar
        error: 'dir:x' is skopeo's own layout, which is not supported; use oci:x
        error: 'Debian:13' is no image name: names are lower-case; write debian:13
        error: 'docker://***@ghcr.io/x' holds credentials, which do not belong in a reference; log in with `docker login` or `podman login`
        error: 'debian:13@sha256:abc' is no image name: what follows '@' must be sha256:<64 hexadecimal digits>
        error: 'docker-daemon:sha256:zz' has an image ID that is no sha256
        error: 'me/x:é' is no image name: a tag is made of up to 128 letters, digits, '.', '_', '-'
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_parses_to_the_same(text in "(docker://|oci:|oci-archive:|docker-archive:|docker-daemon:|rootfs:|\\./|/)?[a-zA-Z0-9./_:@-]{0,30}(\\.tar)?") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _ = text.parse::<Reference>();
        }
    }
}
