//! Distributions of a lock as exact requirements for pip.

use mambox_env::{PipPackage, PipSource};

use crate::failure::{Failure, Outcome};

/// `NAME @ URL --hash=sha256:…`, of which pip checks the hash. pip has none for folders and commits: those are refused
/// rather than taken unchecked.
pub(crate) fn requirement(package: &PipPackage, file: &str) -> Outcome<String> {
    match &package.source {
        PipSource::Wheel { url, sha256, .. } | PipSource::Sdist { url, sha256, .. } => {
            let hash = sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            let folder = match &package.source {
                PipSource::Sdist { subdirectory: Some(folder), .. } => format!("#subdirectory={folder}"),
                _ => String::new(),
            };
            Ok(format!("{} @ {url}{folder} --hash=sha256:{hash}", package.name))
        }
        PipSource::Folder { .. } | PipSource::Git { .. } => Err(Failure::Message(format!(
            "{file}: the pip package '{}' is a folder or a commit, which pip cannot check against a lock; install it \
             with pip afterwards",
            package.name
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_hash_and_others_are_refused() {
        let url = "https://example.invalid/x-1.0.tar.gz".parse().unwrap();
        let file = PipSource::file(&url, Some([0xab; 32].into()), Some("src".into())).unwrap();
        let line = requirement(&PipPackage::new("x", Some("1.0"), file).unwrap(), "x.lock").unwrap();
        let hash = "ab".repeat(32);
        assert_eq!(
            line,
            format!("x @ https://example.invalid/x-1.0.tar.gz#subdirectory=src --hash=sha256:{hash}")
        );
        let folder = PipPackage::new("x", None, PipSource::Folder { path: "/x".into() }).unwrap();
        assert!(requirement(&folder, "x.lock").is_err());
    }
}
