//! Files by their kind and content (section 3, "-f formats").

use std::path::{Path, PathBuf};

use mambox_resolve::Resolver;
use url::Url;

use crate::failure::{Failure, Outcome};
use crate::machine::Machine;

/// Largest file that is read, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// How a file is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An environment.yml.
    Yaml,
    /// A conda-lock.yml.
    CondaLock,
    /// A pixi.lock.
    PixiLock,
    /// Specs, one a line.
    Text,
    /// Addresses, one a line.
    Explicit,
}

/// A file's text, and whence it came.
pub(crate) struct SpecFile {
    pub(crate) text: String,
    /// As given, for messages; without credentials.
    pub(crate) name: String,
    /// What relative paths in it start from.
    pub(crate) folder: PathBuf,
    pub(crate) kind: Kind,
}

/// Reads a path or URL.
pub(crate) async fn read(given: &str, resolver: &Resolver, machine: &Machine) -> Outcome<SpecFile> {
    let url = given.contains("://").then(|| Url::parse(given)).transpose();
    let url = url.map_err(Failure::because(format!("'{given}' is no URL")))?;
    match url {
        Some(url) if url.scheme() == "file" => {
            let path =
                url.to_file_path().map_err(|()| Failure::Message(format!("'{given}' holds no path")))?;
            local(given, &path)
        }
        Some(url) => {
            let bytes = resolver.document(&url, MAX_SIZE).await?;
            let name = mambox_env::strip_credentials(&url).to_string();
            let text = text(bytes, &name)?;
            let kind = kind(url.path(), &text)?;
            Ok(SpecFile { text, name, folder: machine.current_dir.clone(), kind })
        }
        None => local(given, &machine.absolute(Path::new(given))),
    }
}

fn local(given: &str, path: &Path) -> Outcome<SpecFile> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Message(format!("File not found: {}", path.display())),
        _ => Failure::Message(format!("cannot read {}: {error}", path.display())),
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(Failure::Message(format!("{} is a folder; name the file in it", path.display())));
    }
    if metadata.len() > MAX_SIZE {
        return Err(Failure::Message(format!("{} is larger than {MAX_SIZE} bytes", path.display())));
    }
    let text = text(std::fs::read(path).map_err(failed)?, given)?;
    let kind = kind(given, &text)?;
    let folder = path.parent().unwrap_or(Path::new("/")).to_path_buf();
    Ok(SpecFile { text, name: given.to_owned(), folder, kind })
}

fn text(bytes: Vec<u8>, name: &str) -> Outcome<String> {
    String::from_utf8(bytes)
        .map_err(|_| Failure::Message(format!("{name} is no text file (it is not UTF-8)")))
}

/// By the name's ending, as micromamba does; what is explicit shows in the text.
fn kind(name: &str, text: &str) -> Outcome<Kind> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&["-lock.yml", "-lock.yaml"]) {
        Ok(Kind::CondaLock)
    } else if name == "pixi.lock" {
        Ok(Kind::PixiLock)
    } else if ends(&[".yml", ".yaml"]) {
        Ok(Kind::Yaml)
    } else if ends(&[".json"]) {
        Err(Failure::Message(format!(
            "{name}: lock files of mambajs are not supported; give an environment.yml, a conda-lock.yml or an @EXPLICIT list"
        )))
    } else if mambox_env::ExplicitFile::is_explicit(text) {
        Ok(Kind::Explicit)
    } else {
        Ok(Kind::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The micromamba reference, section 3, "-f formats".
    #[test]
    fn the_name_tells_the_kind() {
        assert_eq!(kind("a/env.yml", "").unwrap(), Kind::Yaml);
        assert_eq!(kind("conda-lock.yml", "").unwrap(), Kind::CondaLock);
        assert_eq!(kind("my-lock.yaml", "").unwrap(), Kind::CondaLock);
        assert_eq!(kind("specs.txt", "numpy").unwrap(), Kind::Text);
        assert_eq!(kind("lock", "# x\n@EXPLICIT\nhttps://h/a-1-0.conda").unwrap(), Kind::Explicit);
        assert!(kind("lock.json", "{}").is_err());
    }
}
