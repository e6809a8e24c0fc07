//! `@EXPLICIT` lists of an environment.

use rattler_conda_types::{PackageRecord, Subdir};

use crate::solve::Installed;

/// Which hash stands behind the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    None,
    Md5,
    Sha256,
}

impl Hash {
    /// Of the options; sha256 goes before md5.
    pub(crate) fn of(md5: bool, sha256: bool, default_md5: bool) -> Self {
        match (sha256, md5 || default_md5) {
            (true, _) => Self::Sha256,
            (_, true) => Self::Md5,
            _ => Self::None,
        }
    }
}

/// Three comment lines, `@EXPLICIT`, and the addresses in an order in which they can be installed. Scripts count on
/// the four lines.
pub(crate) fn render(installed: &Installed, platform: Subdir, hash: Hash) -> String {
    let mut text = String::from(
        "# Exact packages of an environment. To make another of them:\n# $ micromamba create -n NAME -f THIS_FILE\n",
    );
    text.push_str(&format!("# platform: {platform}\n@EXPLICIT"));
    let records: Vec<_> = installed.repodata().cloned().collect();
    for record in PackageRecord::sort_topologically(records) {
        let package = &record.package_record;
        let suffix = match hash {
            Hash::None => None,
            Hash::Md5 => package.md5.map(hex::encode),
            Hash::Sha256 => package.sha256.map(|sha256| format!("sha256:{}", hex::encode(sha256))),
        };
        let suffix = suffix.map(|hash| format!("#{hash}")).unwrap_or_default();
        text.push_str(&format!("\n{}{suffix}", mambox_env::strip_credentials(&record.url)));
    }
    text
}
