//! Where an image goes.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::{InvalidReference, Reference, RegistryReference};

/// Where an image goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output {
    /// `oci:DIR[:TAG]`: an OCI image layout, added to where there is one.
    OciLayout {
        /// The layout's folder.
        dir: PathBuf,
        /// The annotation `org.opencontainers.image.ref.name`.
        tag: Option<String>,
    },
    /// `oci-archive:FILE[:TAG]`: a layout in a tar.
    OciArchive {
        /// The tar.
        file: PathBuf,
        /// As for a layout.
        tag: Option<String>,
    },
    /// `docker-archive:FILE[:NAME:TAG]`: what `docker load` of any age takes, and nothing else.
    DockerArchive {
        /// The tar.
        file: PathBuf,
        /// The name that it gets when loaded.
        name: Option<String>,
    },
    /// `FILE.tar`: an OCI layout that is a docker-archive, too; loads in Docker, podman, Apptainer.
    Hybrid {
        /// The tar.
        file: PathBuf,
    },
    /// `rootfs:PATH`: the file tree without layers or configuration, as a tar if the path says so
    /// (`.tar`, `.tar.gz`, `.tar.zst`), else as a folder.
    RootFs {
        /// The tar, or the folder, which must not exist or be empty.
        path: PathBuf,
    },
    /// `FILE.sif` or `sif:FILE`: a file that Apptainer runs; for several platforms, several files.
    Sif {
        /// The file.
        file: PathBuf,
    },
    /// `docker://NAME[:TAG]`: a push.
    Registry(RegistryReference),
    /// `oras://NAME[:TAG]`: a SIF file, pushed as `apptainer push` does it.
    Oras(RegistryReference),
    /// `docker-daemon:NAME[:TAG]`: into a local engine.
    Daemon(String),
}

impl FromStr for Output {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let invalid = |problem: &str, hint: String| Err(InvalidReference::new(text, problem, Some(hint)));
        if let Some(file) = sif_file(text) {
            return match file.is_empty() {
                true => invalid("names no file", "write sif:FILE or FILE.sif".into()),
                false => Ok(Self::Sif { file: file.into() }),
            };
        }
        if let Some(name) = text.strip_prefix("oras://") {
            return match format!("docker://{name}").parse::<Reference>()? {
                Reference::Registry(name) => Ok(Self::Oras(name)),
                _ => invalid("names no repository", "write oras://ghcr.io/me/app:1".into()),
            };
        }
        Ok(match text.parse::<Reference>()? {
            Reference::OciLayout { dir, tag } => Self::OciLayout { dir, tag },
            Reference::OciArchive { file, tag } => Self::OciArchive { file, tag },
            Reference::DockerArchive { file, name } => Self::DockerArchive { file, name },
            Reference::RootFs(path) => Self::RootFs { path },
            Reference::Daemon(name) => Self::Daemon(name),
            Reference::Path(file) if file.extension().is_some_and(|end| end == "tar") => {
                Self::Hybrid { file }
            }
            Reference::Path(_) => {
                return invalid(
                    "does not say what to write",
                    format!("write {text}.tar, oci:{text} or rootfs:{text}"),
                );
            }
            // A bare word is more often a forgotten ending than a wish to push.
            Reference::Registry(name) if text.starts_with("docker://") => Self::Registry(name),
            Reference::Registry(_) => {
                return invalid(
                    "does not say what to write",
                    format!("write {text}.tar for a file, docker://{text} to push"),
                );
            }
            Reference::Scratch => return invalid("is no place to write to", "write FILE.tar".into()),
        })
    }
}

/// The file of a text that means SIF: no reference, as nothing can be read from one.
fn sif_file(text: &str) -> Option<&str> {
    let named = text.ends_with(".sif") && !text.contains("://");
    text.strip_prefix("sif:").or(Some(text).filter(|_| named))
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reference = match self.clone() {
            Self::OciLayout { dir, tag } => Reference::OciLayout { dir, tag },
            Self::OciArchive { file, tag } => Reference::OciArchive { file, tag },
            Self::DockerArchive { file, name } => Reference::DockerArchive { file, name },
            Self::Hybrid { file } => Reference::Path(file),
            Self::RootFs { path } => Reference::RootFs(path),
            Self::Sif { file } if file.extension().is_some_and(|end| end == "sif") => Reference::Path(file),
            Self::Oras(name) => return write!(f, "oras://{name}"),
            Self::Sif { file } => return write!(f, "sif:{}", file.display()),
            Self::Registry(name) => Reference::Registry(name),
            Self::Daemon(name) => Reference::Daemon(name),
        };
        reference.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_written_like_a_reference() {
        for text in [
            "oci:out:1",
            "oci-archive:x.tar",
            "docker-archive:x.tar:me/x:1",
            "x.tar",
            "rootfs:out",
            "docker-daemon:x:1",
            "x.sif",
            "sif:x",
            "oras://ghcr.io/me/x:1",
        ] {
            assert_eq!(text.parse::<Output>().unwrap().to_string(), text);
        }
        assert!(matches!("docker://me/x".parse(), Ok(Output::Registry(_))));
        assert_eq!("sif:a/x.sif".parse::<Output>().unwrap().to_string(), "a/x.sif");
        for bad in ["me/x", "./x", "x.tar.gz", "scratch", "sif:"] {
            let error = bad.parse::<Output>().unwrap_err().to_string();
            assert!(error.contains("; write "), "{error}");
        }
    }
}
