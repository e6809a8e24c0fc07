//! A place to try things in: settings with a cache of their own, and short ways to say what is wanted.

use std::{fmt::Display, path::Path, time::Duration};

use mambox_env::{EnvSpec, Libc, Lock, VirtualPackageFacts, parse_match_spec};
use mambox_progress::Silent;
use mambox_resolve::{Resolver, Settings, SolveError};
use mambox_testkit::{BuiltPackage, HttpServer, LocalChannel, PackageBuilder};
use rattler_conda_types::Subdir;
use tempfile::TempDir;

/// A cache folder, and settings that use it.
pub(crate) struct Lab {
    pub(crate) settings: Settings,
    pub(crate) dir: TempDir,
}

impl Lab {
    /// Settings with these channels, one repetition, and no waiting.
    pub(crate) fn new(channels: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(dir.path(), dir.path().join("cache"));
        settings.channels.requested = channels.iter().map(|channel| (*channel).to_owned()).collect();
        settings.network.retries = 1;
        settings.network.backoff = Duration::from_millis(1);
        Self { settings, dir }
    }

    pub(crate) fn with_channel(channel: &LocalChannel) -> Self {
        Self::new(&[channel.path().to_str().unwrap()])
    }

    pub(crate) fn with_server(server: &HttpServer) -> Self {
        Self::new(&[server.url().as_str()])
    }

    /// A new process, so to speak: nothing is in memory, the cache is.
    pub(crate) fn resolver(&self) -> Resolver {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Resolver::new(self.settings.clone(), &Silent).unwrap()
    }

    pub(crate) async fn lock(&self, specs: &[&str]) -> Result<Lock, SolveError> {
        self.resolver().lock(&env(specs), &debian(), &Silent).await
    }

    /// The packages of a lock, or the message, with what differs between runs replaced.
    pub(crate) async fn locked(&self, specs: &[&str]) -> String {
        match self.lock(specs).await {
            Ok(lock) => names(&lock),
            Err(error) => self.stable(error),
        }
    }

    /// A message without ports and temporary folders.
    pub(crate) fn stable(&self, message: impl Display) -> String {
        let mut text = message.to_string().replace(self.dir.path().to_str().unwrap(), "DIR");
        for channel in &self.settings.channels.requested {
            if channel.starts_with('/') {
                text = text.replace(channel.as_str(), "CHANNEL");
            }
        }
        without_ports(&text)
    }
}

/// `http://127.0.0.1:12345/` → `http://127.0.0.1:PORT/`
fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        out.push_str(if rest == part { "127.0.0.1:" } else { "127.0.0.1:PORT" });
        out.push_str(rest);
    }
    out
}

pub(crate) fn env(specs: &[&str]) -> EnvSpec {
    EnvSpec {
        specs: specs.iter().map(|spec| parse_match_spec(spec, "test").unwrap()).collect(),
        ..EnvSpec::default()
    }
}

/// An image with glibc 2.36 and no CUDA.
pub(crate) fn debian() -> VirtualPackageFacts {
    let libc = Libc::Glibc("2.36".parse().unwrap());
    VirtualPackageFacts { libc, ..VirtualPackageFacts::new(Subdir::Linux64) }
}

/// `name version` of each package, in the lock's order, on one line.
pub(crate) fn names(lock: &Lock) -> String {
    let package =
        |package: &mambox_env::LockedPackage| format!("{} {}", package.name(), package.record.version);
    lock.packages().iter().map(package).collect::<Vec<_>>().join(", ")
}

/// A package with one small file.
pub(crate) fn package(name: &str, version: &str, depends: &[&str]) -> BuiltPackage {
    let builder =
        PackageBuilder::new(name, version).noarch_generic().file("share/file", format!("{name} {version}"));
    depends.iter().fold(builder, |builder, depend| builder.depends(depend)).build()
}

/// `app` needs `lib >=1`; there are `lib` 1.0 and 2.0.
pub(crate) fn small_channel() -> LocalChannel {
    LocalChannel::with(&[
        package("app", "1.0", &["lib >=1"]),
        package("lib", "1.0", &[]),
        package("lib", "2.0", &[]),
    ])
}

/// All files below a folder with their sizes, relative and sorted; temporary folders have no stable content else.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                found.push(path.strip_prefix(dir).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}
