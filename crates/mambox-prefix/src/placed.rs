//! Where all packages of a plan go, and who wins where they meet.

use std::collections::BTreeSet;

use mambox_link::overlap::{self, Claim};
use mambox_link::{LinkError, Python, Targets, printable};
use rattler_conda_types::package::PathType;

use crate::error::TransactionError;
use crate::package::Source;
use crate::parallel;

/// A package and the places of its files.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) targets: Targets<'a>,
    /// Relative to the prefix.
    pub(crate) record: String,
}

/// Maps and checks all paths of all packages, and that the cache holds the files. Also gives a sentence for each path that
/// several packages have: as in image layers, the last one wins.
pub(crate) fn place<'a>(
    sources: &'a [Source<'a>],
    python: Option<&Python>,
    threads: usize,
) -> Result<(Vec<Placed<'a>>, Vec<String>), TransactionError> {
    let none = BTreeSet::new();
    let mut placed = parallel::map(sources, threads, |source| {
        let targets = targets(source, python, &none)?;
        source.check(&targets)?;
        let record = format!("conda-meta/{}.json", source.dist);
        Ok::<_, TransactionError>(Placed { source, targets, record })
    })?;
    let claimed: Vec<(Vec<String>, Vec<String>)> = placed.iter().map(Placed::claims).collect();
    let claims: Vec<Claim<'_>> =
        claimed.iter().enumerate().map(|(rank, (paths, compiled))| Claim { rank, paths, compiled }).collect();
    let overlaps = overlap::resolve(&claims);
    for (placed, masked) in placed.iter_mut().zip(&overlaps.masked) {
        if !masked.is_empty() {
            placed.targets = targets(placed.source, python, masked)?;
        }
    }
    for (placed, not_compiled) in placed.iter_mut().zip(&overlaps.not_compiled) {
        placed.drop_compiled(|pyc| not_compiled.contains(pyc));
    }
    let name = |index: usize| placed[index].source.dist.as_str();
    let sentence = |overlap: &overlap::Overlap| {
        let losers: Vec<&str> = overlap.losers.iter().map(|index| name(*index)).collect();
        let (path, winner) = (&overlap.path, name(overlap.winner));
        format!("{path}: the file of {winner} is taken, that of {} left out", losers.join(", "))
    };
    let sentences = overlaps.overlaps.iter().map(sentence).collect();
    Ok((placed, sentences))
}

fn targets<'a>(
    source: &'a Source<'a>,
    python: Option<&Python>,
    masked: &BTreeSet<String>,
) -> Result<Targets<'a>, TransactionError> {
    if source.is_noarch_python && python.is_none() {
        return Err(TransactionError::NoPython { dist: source.dist.clone() });
    }
    let refused = |problem| TransactionError::Package { dist: source.dist.clone(), problem };
    let targets = Targets::new(source.contents(), python, masked).map_err(refused)?;
    let mut destinations = targets.files.iter().map(|target| target.destination.as_str());
    match destinations.find(|path| is_reserved(path)) {
        Some(path) => {
            let why = "belongs to the environment itself";
            Err(refused(LinkError::Path { path: printable(path), why }))
        }
        None => Ok(targets),
    }
}

/// Whether a path is one that transactions keep.
pub(crate) fn is_reserved(path: &str) -> bool {
    let Some(name) = path.strip_prefix("conda-meta/") else { return path == "conda-meta" };
    matches!(name, "history" | "state") || name.starts_with(".transaction") || name.starts_with(".mambox")
}

impl Placed<'_> {
    /// What would be installed, and compiled.
    fn claims(&self) -> (Vec<String>, Vec<String>) {
        let files = self.targets.files.iter().filter(|target| !target.masked).map(|target| {
            let slash = if target.entry.path_type == PathType::Directory { "/" } else { "" };
            format!("{}{slash}", target.destination)
        });
        let scripts = self.targets.entry_points.iter().flatten().cloned();
        let compiled = self.targets.files.iter().filter_map(|target| target.pyc.clone());
        (files.chain(scripts).chain([self.record.clone()]).collect(), compiled.collect())
    }

    /// Leaves out `.pyc` files.
    pub(crate) fn drop_compiled(&mut self, unwanted: impl Fn(&str) -> bool) {
        for target in &mut self.targets.files {
            target.pyc = target.pyc.take().filter(|pyc| !unwanted(pyc));
        }
    }

    /// Folders that the package has for their own sake.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let files = self.targets.files.iter().filter(|target| !target.masked);
        files
            .filter(|target| target.entry.path_type == PathType::Directory)
            .map(|target| target.destination.as_str())
    }

    /// Files, links and entry points.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &str> {
        let files = self.targets.files.iter().filter(|target| !target.masked);
        files
            .filter(|target| target.entry.path_type != PathType::Directory)
            .map(|target| target.destination.as_str())
            .chain(self.targets.entry_points.iter().flatten().map(String::as_str))
    }

    /// Sources and their compiled form.
    pub(crate) fn compiled(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.targets.files.iter();
        files.filter_map(|target| Some((target.destination.as_str(), target.pyc.as_deref()?)))
    }
}
