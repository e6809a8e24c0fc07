//! What a base image says about itself: its C library, accounts, certificates.
//!
//! The facts come from the base's own files, never from the machine that builds. They are few and small
//! and are remembered by the base's layers, so that a second build does not read them again.

use std::collections::BTreeMap;

use mambox_env::{Libc, VirtualPackageFacts, parse_cuda_version};
use mambox_oci::Image;
use mambox_transport::{FoundFile, Wanted};
use rattler_conda_types::Subdir;
use serde::{Deserialize, Serialize};

use crate::certificates;
use crate::places::{self, Places};

/// What is known of a base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BaseFacts {
    /// Its C library.
    #[serde(with = "libc_text")]
    pub(crate) libc: Libc,
    /// `/etc/passwd`.
    pub(crate) passwd: Option<String>,
    /// `/etc/group`.
    pub(crate) group: Option<String>,
    /// The best shell there is.
    pub(crate) shell: Option<String>,
    /// Whether it has certificate authorities where programs look.
    pub(crate) has_certificates: bool,
    /// Whether it has `/tmp`.
    pub(crate) has_tmp: bool,
    /// The folders that our own layer has files in.
    pub(crate) places: Places,
}

impl Default for BaseFacts {
    /// Those of `scratch`.
    fn default() -> Self {
        Self {
            libc: Libc::None,
            passwd: None,
            group: None,
            shell: None,
            has_certificates: false,
            has_tmp: false,
            places: Places::new(),
        }
    }
}

/// Files whose content matters, besides the C library.
const PASSWD: &str = "etc/passwd";
const GROUP: &str = "etc/group";

/// Paths whose mere presence matters.
const BASH: [&str; 2] = ["bin/bash", "usr/bin/bash"];
const SH: [&str; 2] = ["bin/sh", "usr/bin/sh"];
const TMP: &str = "tmp";

/// Folders that files of our own layer are in; the base may have them elsewhere, or with other modes.
const PARENTS: [&str; 7] = ["etc", "etc/ssl", "etc/ssl/certs", "home", "usr", "usr/local", "usr/local/bin"];

/// The largest account file and C library that are read.
const MAX_ACCOUNTS: u64 = 1 << 20;
const MAX_LIBC: u64 = 16 << 20;

/// Names the question that [`wanted`] and [`BaseFacts::from_files`] ask: change it when either changes.
pub(crate) fn question(platform: Subdir) -> String {
    format!("mambox base facts 5 for {platform}")
}

/// The files of a base to look for.
pub(crate) fn wanted(platform: Subdir) -> Vec<Wanted> {
    let accounts = [PASSWD, GROUP].map(|path| Wanted::new(path, MAX_ACCOUNTS));
    let libraries = Libc::paths(platform).into_iter().map(|path| Wanted::new(path, MAX_LIBC));
    let present =
        BASH.iter().chain(&SH).chain(&certificates::KNOWN).chain(&[TMP]).map(|path| Wanted::new(*path, 0));
    let folders = places::wanted(PARENTS);
    accounts.into_iter().chain(libraries).chain(present).chain(folders).collect()
}

impl BaseFacts {
    /// Draws the conclusions from what was found of the wanted files.
    pub(crate) fn from_files(platform: Subdir, found: &BTreeMap<String, FoundFile>) -> Self {
        let content = |path: &str| found.get(path)?.content.as_deref();
        let text = |path: &str| content(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let has = |paths: &[&str]| paths.iter().any(|path| found.contains_key(*path));
        let libc = Libc::paths(platform).iter().find_map(|path| Libc::detect(content(path)?));
        let shell = has(&BASH).then_some("/bin/bash").or_else(|| has(&SH).then_some("/bin/sh"));
        Self {
            libc: libc.unwrap_or(Libc::None),
            passwd: text(PASSWD),
            group: text(GROUP),
            shell: shell.map(str::to_owned),
            has_certificates: has(&certificates::KNOWN),
            has_tmp: has(&[TMP]),
            places: folders(found),
        }
    }

    /// What decides the virtual packages of an environment on this base.
    pub(crate) fn virtual_packages(
        &self,
        platform: Subdir,
        base: &Image,
        overrides: &BTreeMap<String, String>,
    ) -> VirtualPackageFacts {
        let cuda = base.config().env_var("CUDA_VERSION").and_then(|text| parse_cuda_version(&text));
        VirtualPackageFacts {
            libc: self.libc.clone(),
            cuda,
            overrides: overrides.clone(),
            ..VirtualPackageFacts::new(platform)
        }
    }
}

fn folders(found: &BTreeMap<String, FoundFile>) -> Places {
    let mut places = places::places(found);
    places.retain(|path, _| PARENTS.contains(&path.as_str()));
    places
}

/// A C library as a text: `glibc 2.36`, `musl 1.2.5`, `musl`, `none`.
mod libc_text {
    use mambox_env::Libc;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(libc: &Libc, serializer: S) -> Result<S::Ok, S::Error> {
        match libc {
            Libc::Glibc(version) => serializer.collect_str(&format_args!("glibc {version}")),
            Libc::Musl(Some(version)) => serializer.collect_str(&format_args!("musl {version}")),
            Libc::Musl(None) => serializer.serialize_str("musl"),
            Libc::None => serializer.serialize_str("none"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Libc, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (kind, version) = text.split_once(' ').unwrap_or((&text, ""));
        match (kind, version.parse()) {
            ("glibc", Ok(version)) => Ok(Libc::Glibc(version)),
            ("musl", version) => Ok(Libc::Musl(version.ok())),
            ("none", _) => Ok(Libc::None),
            _ => Err(D::Error::custom("no C library that is known")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::fake_libc;

    fn file(content: Option<Vec<u8>>) -> FoundFile {
        let is_folder = content.is_none();
        FoundFile { real_path: String::new(), is_folder, mode: 0o755, uid: 0, gid: 0, size: 0, content }
    }

    #[test]
    fn the_facts_follow_from_the_files() {
        let found = BTreeMap::from([
            ("lib/x86_64-linux-gnu/libc.so.6".into(), file(Some(fake_libc("Debian GLIBC 2.36-9", "2.36")))),
            ("etc/passwd".into(), file(Some(b"root:x:0:0::/:/bin/sh\n".to_vec()))),
            ("usr/bin/bash".into(), file(None)),
            ("tmp".into(), file(None)),
        ]);
        let facts = BaseFacts::from_files(Subdir::Linux64, &found);
        assert_eq!(facts.libc, Libc::Glibc("2.36".parse().unwrap()));
        assert_eq!(
            (facts.shell.as_deref(), facts.has_tmp, facts.has_certificates),
            (Some("/bin/bash"), true, false)
        );
        assert_eq!((facts.passwd.is_some(), &facts.group), (true, &None));
        let remembered = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<BaseFacts>(&remembered).unwrap(), facts);
    }

    #[test]
    fn nothing_found_is_scratch() {
        assert_eq!(BaseFacts::from_files(Subdir::Linux64, &BTreeMap::new()), BaseFacts::default());
    }
}
