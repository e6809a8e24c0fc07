//! What pip installed: folders `NAME-VERSION.dist-info` of site-packages that belong to no conda package.
//!
//! Reading them needs no python, which may be of another platform.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use crate::solve::Installed;

/// The head of a METADATA file is enough.
const MAX_METADATA: u64 = 64 << 10;

/// A distribution of PyPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PipPackage {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// All of them, by name.
pub(crate) fn find(prefix: &Path, installed: &Installed) -> Vec<PipPackage> {
    let Some(site) = site_packages(installed) else { return Vec::new() };
    let metadata = |path: &Path| path.file_name().is_some_and(|name| name == "METADATA");
    let owned: HashSet<&Path> = installed
        .records
        .iter()
        .flat_map(|record| record.files.iter())
        .filter(|file| metadata(file))
        .filter_map(|file| file.parent())
        .collect();
    let entries = fs::read_dir(prefix.join(&site)).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PipPackage> = entries
        .map(|entry| Path::new(&site).join(entry.file_name()))
        .filter(|folder| folder.extension().is_some_and(|ending| ending == "dist-info"))
        .filter(|folder| !owned.contains(folder.as_path()))
        .filter_map(|folder| read(&prefix.join(folder).join("METADATA")))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn site_packages(installed: &Installed) -> Option<String> {
    let python = &installed.find("python")?.repodata_record.package_record;
    if let Some(path) = &python.python_site_packages_path {
        return Some(path.clone());
    }
    let (major, minor) = python.version.version().as_major_minor()?;
    Some(format!("lib/python{major}.{minor}/site-packages"))
}

fn read(path: &Path) -> Option<PipPackage> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(MAX_METADATA).read_to_string(&mut text).ok();
    let field = |name: &str| {
        let head = text.lines().take_while(|line| !line.is_empty());
        head.filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    Some(PipPackage { name: field("Name")?, version: field("Version")? })
}
