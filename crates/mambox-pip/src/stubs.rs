//! Wheels without content that stand for what conda packages bring.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use url::Url;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{error::PipError, installed::Installed};

/// The stubs of a resolution, and the constraints that make uv take them.
#[derive(Debug)]
pub(crate) struct Stubs {
    /// Where they lie.
    pub(crate) folder: PathBuf,
    /// Lines `name @ file:…`.
    pub(crate) constraints: PathBuf,
    /// The address of each, and the conda package it stands for.
    addresses: Vec<(String, String)>,
}

impl Stubs {
    /// Writes them into a folder, which has to be absolute.
    ///
    /// # Errors
    /// Where that fails.
    pub(crate) fn write(folder: &Path, installed: &[Installed]) -> Result<Self, PipError> {
        let stubs = folder.join("conda");
        std::fs::create_dir(&stubs).map_err(|source| io("make", &stubs, source))?;
        let mut lines = String::new();
        let mut addresses = Vec::new();
        for one in installed {
            let path = stubs.join(format!("{}-{}-py3-none-any.whl", one.name.replace('-', "_"), one.version));
            let bytes = wheel(one).map_err(|source| io("make", &path, source))?;
            std::fs::write(&path, bytes).map_err(|source| io("write", &path, source))?;
            let url = Url::from_file_path(&path)
                .map_err(|()| io("name", &path, std::io::Error::other("the folder is not absolute")))?;
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{} @ {url}", one.name);
            addresses.push((url.to_string(), one.package.clone()));
        }
        let constraints = folder.join("conda.txt");
        std::fs::write(&constraints, lines).map_err(|source| io("write", &constraints, source))?;
        Ok(Self { folder: stubs, constraints, addresses })
    }

    /// A text in which conda packages stand where stubs are mentioned.
    pub(crate) fn named(&self, text: &str) -> String {
        let mut named = text.to_owned();
        for (address, package) in &self.addresses {
            named = named.replace(&format!("@ {address}"), &format!("of the conda package {package}"));
        }
        named
    }
}

pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> PipError {
    PipError::Io { action, path: path.to_owned(), source }
}

/// A wheel with metadata alone (specification "Binary distribution format").
fn wheel(one: &Installed) -> Result<Vec<u8>, std::io::Error> {
    let folder = format!("{}-{}.dist-info", one.name.replace('-', "_"), one.version);
    let metadata = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", one.name, one.version);
    let tags = "Wheel-Version: 1.0\nGenerator: mambox\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in [("METADATA", metadata.as_str()), ("WHEEL", tags), ("RECORD", "")] {
        zip.start_file(format!("{folder}/{name}"), stored)?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
