//! The packages that the study makes environments of: names, sizes and dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// What decides about a package's layer besides the package itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Compiled, knows no Python.
    Native,
    /// Compiled for one Python: another one means another package.
    NativePython,
    /// Installed by whichever Python there is: the same package, but another layer.
    NoarchPython,
    /// Data, scripts.
    NoarchGeneric,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Native, "native"),
    (Kind::NativePython, "native-python"),
    (Kind::NoarchPython, "noarch-python"),
    (Kind::NoarchGeneric, "noarch"),
];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS.iter().find(|(kind, _)| kind == self).map_or("", |(_, name)| name))
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = KINDS.iter().find(|(_, name)| *name == text);
        found.map(|(kind, _)| *kind).ok_or_else(|| format!("{text} is no kind of package"))
    }
}

/// A package of the catalogue.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) kind: Kind,
    /// Bytes of the archive.
    pub(super) size: u64,
    pub(super) depends: BTreeSet<String>,
    /// Whether people ask for it by name.
    pub(super) is_application: bool,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depends: Vec<&str> = self.depends.iter().map(String::as_str).collect();
        let Self { name, version, kind, size, .. } = self;
        let asked = if self.is_application { "application" } else { "-" };
        write!(f, "{name}\t{version}\t{kind}\t{size}\t{asked}\t{}", depends.join(" "))
    }
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, version, kind, size, asked, depends] = fields[..] else {
            return Err(format!("'{line}' has {} fields, not 6", fields.len()));
        };
        Ok(Self {
            name: name.into(),
            version: version.into(),
            kind: kind.parse()?,
            size: size.parse().map_err(|error| format!("{name}: the size {size}: {error}"))?,
            depends: depends.split_whitespace().map(str::to_owned).collect(),
            is_application: asked == "application",
        })
    }
}

/// All packages by name.
#[derive(Debug)]
pub(super) struct Catalog {
    entries: BTreeMap<String, Entry>,
}

/// Debian 12's index as of this study, cut to what its environments need. `cargo xtask catalog-from-debian` made it.
const DEBIAN: &str = include_str!("../../data/debian-12.tsv");

impl Catalog {
    /// The one that comes with the study.
    pub(super) fn debian() -> Result<Self, String> {
        let lines = DEBIAN.lines().filter(|line| !line.starts_with('#'));
        let entries = lines.map(|line| line.parse::<Entry>().map(|entry| (entry.name.clone(), entry)));
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    pub(super) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// Names of what people ask for.
    pub(super) fn applications(&self) -> impl Iterator<Item = &str> {
        self.entries.values().filter(|entry| entry.is_application).map(|entry| entry.name.as_str())
    }

    /// What an environment of these packages holds: they and all that they need.
    pub(super) fn closure<'a>(&'a self, roots: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut waiting: Vec<&str> = roots.into_iter().collect();
        let mut all = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            let Some(entry) = self.entries.get(name) else { continue };
            if all.insert(entry.name.as_str()) {
                waiting.extend(entry.depends.iter().map(String::as_str));
            }
        }
        all
    }
}
