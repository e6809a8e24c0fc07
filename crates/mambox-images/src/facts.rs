//! What a base says about itself, as far as an image of the family depends on it.

use std::collections::BTreeMap;

use mambox_build::CERTIFICATES;
use mambox_transport::{FoundFile, Wanted};
use serde::{Deserialize, Serialize};

/// Names the question; change it when `wanted` or the answer changes.
pub(crate) const QUESTION: &str = "mambox family facts 1";

/// Real account files and skeletons have kilobytes.
const MAX_FILE: u64 = 1 << 20;

const PASSWD: &str = "etc/passwd";
const GROUP: &str = "etc/group";
const SHADOW: &str = "etc/shadow";
const GSHADOW: &str = "etc/gshadow";
const ROOT_BASHRC: &str = "root/.bashrc";
/// New users get what lies here.
pub(crate) const SKELETON: &str = "etc/skel";
/// Deeper ones do not occur.
const SKELETONS: [&str; 3] = ["etc/skel/*", "etc/skel/*/*", "etc/skel/*/*/*"];

/// What tells an image of the family.
const FAMILY_MARKS: [&str; 2] = ["etc/arg_mamba_user", "usr/local/bin/_entrypoint.sh"];
const BASH: &str = "bin/bash";
const SH: &str = "bin/sh";
/// glibc's loaders, by which all programs linked with it start.
pub(crate) const LOADERS: [&str; 3] =
    ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1", "lib64/ld64.so.2"];
const TMP: &str = "tmp";

/// A file of the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BaseFile {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Permission bits.
    pub(crate) mode: u32,
    /// User and group.
    pub(crate) owner: (u64, u64),
}

/// What is known of a base.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BaseFacts {
    pub(crate) passwd: Option<BaseFile>,
    pub(crate) group: Option<BaseFile>,
    pub(crate) shadow: Option<BaseFile>,
    pub(crate) gshadow: Option<BaseFile>,
    pub(crate) root_bashrc: Option<BaseFile>,
    /// Files below [`SKELETON`], by their path there.
    pub(crate) skeleton: BTreeMap<String, BaseFile>,
    pub(crate) has_bash: bool,
    pub(crate) has_sh: bool,
    pub(crate) has_glibc: bool,
    pub(crate) has_certificates: bool,
    pub(crate) has_tmp: bool,
    /// A path that only images of the family have.
    pub(crate) family_mark: Option<String>,
    /// A wanted file that is larger than such files are, or no file.
    pub(crate) odd: Option<String>,
}

/// The files to look for.
pub(crate) fn wanted() -> Vec<Wanted> {
    let read = [PASSWD, GROUP, SHADOW, GSHADOW, ROOT_BASHRC];
    let read = read.iter().chain(&SKELETONS).map(|path| Wanted::new(*path, MAX_FILE));
    let seen = [BASH, SH, CERTIFICATES, TMP];
    let seen = seen.iter().chain(&FAMILY_MARKS).chain(&LOADERS).map(|path| Wanted::new(*path, 0));
    read.chain(seen).collect()
}

impl BaseFacts {
    /// Draws the conclusions from what was found.
    pub(crate) fn from_files(found: &BTreeMap<String, FoundFile>) -> Self {
        let has = |path: &str| found.contains_key(path);
        let base_file = |path: &str| {
            let file = found.get(path)?;
            let bytes = file.content.clone()?;
            Some(BaseFile { bytes, mode: file.mode & 0o7777, owner: (file.uid, file.gid) })
        };
        let read = [PASSWD, GROUP, SHADOW, GSHADOW, ROOT_BASHRC];
        // An empty file is not read, as there is nothing in it.
        let odd = |path: &&&str| found.get(**path).is_some_and(|f| f.is_folder || f.size > MAX_FILE);
        let below = format!("{SKELETON}/");
        let skeleton = found.keys().filter_map(|path| {
            let name = path.strip_prefix(&below)?;
            Some((name.to_owned(), base_file(path)?))
        });
        Self {
            passwd: base_file(PASSWD),
            group: base_file(GROUP),
            shadow: base_file(SHADOW),
            gshadow: base_file(GSHADOW),
            root_bashrc: base_file(ROOT_BASHRC),
            skeleton: skeleton.collect(),
            has_bash: has(BASH),
            has_sh: has(SH),
            has_glibc: LOADERS.iter().any(|path| has(path)),
            has_certificates: has(CERTIFICATES),
            has_tmp: has(TMP),
            family_mark: FAMILY_MARKS.iter().find(|path| has(path)).map(|path| format!("/{path}")),
            odd: read.iter().find(odd).map(|path| format!("/{path}")),
        }
    }
}
