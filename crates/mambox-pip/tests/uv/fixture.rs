//! A project with wheels of its own, and the real uv.
#![allow(clippy::disallowed_methods, reason = "MAMBOX_TEST_UV and PATH say where uv and python are")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;

use mambox_env::{Libc, PipPackage, PipSource, WheelTarget};
use mambox_pip::{Installed, PipError, PipRequest, Uv, index_options, resolve};
use mambox_progress::{Event, Recorder};
use rattler_conda_types::Subdir;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The versions whose words the tests quote; see `.ci/setup-uv`.
const WORDS: &str = "0.13.";

/// A folder with an environment file's surroundings, and what a request needs besides requirements.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    uv: Uv,
    pub(crate) target: WheelTarget,
    pub(crate) installed: Vec<Installed>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) no_build: bool,
}

/// What a resolution led to.
pub(crate) struct Outcome {
    pub(crate) result: Result<Vec<PipPackage>, PipError>,
    /// Everything that a person sees: the result or the error, warnings and notes. The project's folder is `[project]`.
    pub(crate) told: String,
}

impl Project {
    /// `None`, and one line for all tests, where there is no uv on this machine, or one that was not asked for and words its
    /// messages in another way.
    pub(crate) async fn new() -> Option<Self> {
        static SAID: Once = Once::new();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let wish = std::env::var_os("MAMBOX_TEST_UV").map(PathBuf::from);
        let why = match Uv::find(wish.as_deref(), &path).await {
            Ok(uv) if wish.is_some() || uv.version().starts_with(WORDS) => return Some(Self::with(uv, path)),
            Ok(uv) => format!(
                "uv {} may say other words than {WORDS}*; MAMBOX_TEST_UV names one to try",
                uv.version()
            ),
            Err(error) => error.to_string(),
        };
        SAID.call_once(|| mambox_testkit::skip("pip packages with the real uv", &why));
        None
    }

    fn with(uv: Uv, path: OsString) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("home").display().to_string();
        // The machine's own configuration of uv is out of the way.
        let variables =
            [("PATH", path.to_string_lossy().into_owned()), ("HOME", home), ("UV_HTTP_RETRIES", "0".into())];
        Self {
            folder,
            uv,
            target: WheelTarget {
                python: (3, 13),
                free_threaded: false,
                platform: Subdir::Linux64,
                libc: Libc::Glibc("2.28".parse().expect("a version")),
            },
            installed: Vec::new(),
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            no_build: false,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the project's folder.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        self
    }

    /// Puts a wheel into `links`, with further lines of metadata such as `Requires-Dist: x`.
    pub(crate) fn wheel(&self, name: &str, version: &str, tags: &str, metadata: &[&str]) -> &Self {
        self.file(&format!("links/{name}-{version}-{tags}.whl"), wheel(name, version, tags, metadata))
    }

    /// A package of conda that brings a distribution.
    pub(crate) fn conda(mut self, name: &str, version: &str) -> Self {
        let package = format!("{name}-{version}-py313_0");
        self.installed.push(Installed { name: name.to_owned(), version: version.to_owned(), package });
        self
    }

    fn request<'a>(&'a self, requirements: &'a [String], cache_dir: &'a Path) -> PipRequest<'a> {
        PipRequest {
            file: "environment.yml",
            requirements,
            folder: self.folder.path(),
            target: &self.target,
            installed: &self.installed,
            no_build: self.no_build,
            variables: &self.variables,
            cache_dir,
            offline: false,
        }
    }

    /// Where these lines say that distributions are looked for.
    pub(crate) fn indexes(&self, requirements: &[&str]) -> Vec<String> {
        let requirements: Vec<String> = requirements.iter().map(|&line| line.to_owned()).collect();
        index_options(&self.request(&requirements, self.folder.path())).expect("options")
    }

    /// Resolves with the wheels of `links` alone.
    pub(crate) async fn offline(&self, requirements: &[&str]) -> Outcome {
        let mut lines = vec!["--no-index", "--find-links ./links"];
        lines.extend(requirements);
        std::fs::create_dir_all(self.path("links")).expect("a folder");
        self.resolve(&lines).await
    }

    /// Resolves exactly these lines.
    pub(crate) async fn resolve(&self, requirements: &[&str]) -> Outcome {
        let requirements: Vec<String> = requirements.iter().map(|&line| line.to_owned()).collect();
        let recorder = Recorder::default();
        let cache = self.path("cache");
        let result = resolve(&self.uv, &self.request(&requirements, &cache), &recorder).await;
        let mut lines = match &result {
            Ok(packages) => packages.iter().map(shown).collect(),
            Err(error) => vec![error.to_string()],
        };
        lines.extend(recorder.events().into_iter().filter_map(|event| match event {
            Event::Warning { text } => Some(format!("warning: {text}")),
            Event::Note { text } => Some(format!("note: {text}")),
            _ => None,
        }));
        let told = lines.join("\n").replace(&self.folder.path().display().to_string(), "[project]");
        Outcome { result, told }
    }
}

fn shown(package: &PipPackage) -> String {
    let source = match &package.source {
        PipSource::Wheel { url, .. } | PipSource::Sdist { url, .. } => url.to_string(),
        PipSource::Folder { path } => format!("folder {}", path.display()),
        PipSource::Git { url, subdirectory, .. } => {
            format!("git {url} {}", subdirectory.as_deref().unwrap_or(""))
        }
    };
    format!("{} {source}", package.label())
}

/// A wheel without modules.
pub(crate) fn wheel(name: &str, version: &str, tags: &str, metadata: &[&str]) -> Vec<u8> {
    let folder = format!("{name}-{version}.dist-info");
    let mut text = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
    metadata.iter().for_each(|line| text.extend([line, "\n"]));
    let tags = format!("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tags}\n");
    let members = [("METADATA", text.as_str()), ("WHEEL", &tags), ("RECORD", "")];
    zip(&members.map(|(file, content)| (format!("{folder}/{file}"), content)))
}

/// A zip with these members.
pub(crate) fn zip(members: &[(String, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in members {
        zip.start_file(name, stored).expect("a member");
        zip.write_all(content.as_bytes()).expect("content");
    }
    zip.finish().expect("a zip").into_inner()
}

/// Runs git in a folder; `None` where there is no git.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Option<()> {
    let identity =
        ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"];
    let output =
        std::process::Command::new("git").args(identity).args(arguments).current_dir(folder).output().ok()?;
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}
