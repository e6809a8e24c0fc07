//! The program uv.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::uv_error::UvError;

/// The first of which `pip compile --format pylock.toml` was tried. The format came in 0.6.15, as a preview.
const LEAST: [u64; 3] = [0, 7, 0];

/// How long it may take to tell its version; a cold disk is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest answer.
const MAX_ANSWER: u64 = 4096;

/// A uv that was found and is of a version that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uv {
    program: PathBuf,
    version: String,
}

impl Uv {
    /// Takes the program that is wished for (`--uv` or `MAMBOX_UV`), or looks for `uv` in the folders of `search_path` (as in
    /// `PATH`), and asks for its version.
    ///
    /// # Errors
    /// [`UvError`], which says how to get one.
    pub async fn find(wish: Option<&Path>, search_path: &OsStr) -> Result<Self, UvError> {
        let program = match wish {
            // uv runs in another folder later.
            Some(path) => std::fs::canonicalize(path)
                .ok()
                .filter(|path| is_program(path))
                .ok_or_else(|| UvError::NoProgram { path: path.to_owned() })?,
            None => program_in(search_path).ok_or(UvError::NotFound)?,
        };
        let said = match tokio::time::timeout(PATIENCE, ask(&program)).await {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => return Err(UvError::Broken { path: program, said: error.to_string() }),
            Err(_) => {
                let said = format!("no answer within {} s", PATIENCE.as_secs());
                return Err(UvError::Broken { path: program, said });
            }
        };
        let Some((version, numbers)) = version(&said) else {
            let said = said.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
            return Err(UvError::Broken { path: program, said: format!("it says '{said}'") });
        };
        if numbers < LEAST {
            let least = LEAST.map(|number| number.to_string()).join(".");
            return Err(UvError::TooOld { path: program, version, least });
        }
        Ok(Self { program, version })
    }

    /// For example `0.13.9`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Absolute, or as the search path has it.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }
}

/// The beginning of what `uv --version` says.
async fn ask(program: &Path) -> std::io::Result<String> {
    let mut child = Command::new(program)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut said = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MAX_ANSWER).read_to_end(&mut said).await?;
    }
    child.wait().await?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// `uv 0.13.9 (…)`.
fn version(said: &str) -> Option<(String, [u64; 3])> {
    let version = said.strip_prefix("uv ")?.split_whitespace().next()?;
    // A pre-release or build counts as the release.
    let plain = version.split(['-', '+']).next()?;
    let mut numbers = plain.split('.').map(str::parse);
    let numbers = [numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?];
    version.is_ascii().then(|| (version.to_owned(), numbers))
}

/// The first file of that name in the folders of a search path. Folders that are not absolute are passed over.
fn program_in(search_path: &OsStr) -> Option<PathBuf> {
    let folders = std::env::split_paths(search_path).filter(|folder| folder.is_absolute());
    let name = format!("uv{}", std::env::consts::EXE_SUFFIX);
    folders.map(|folder| folder.join(&name)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_three_numbers() {
        assert_eq!(version("uv 0.13.9 (abc 2026-11-01)\n"), Some(("0.13.9".to_owned(), [0, 13, 9])));
        assert_eq!(version("uv 0.7.0-rc.1+2"), Some(("0.7.0-rc.1+2".to_owned(), [0, 7, 0])));
        for other in ["", "uv", "uv 0.7", "uv x.y.z", "uvx 0.13.9", "pip 24.0.1"] {
            assert_eq!(version(other), None, "{other}");
        }
    }
}
