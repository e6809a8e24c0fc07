//! One package, from its archive into a layer's tar.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Read, Write};

use mambox_env::LockedPackage;
use mambox_link::{Python, Target, Targets};
use rattler_conda_types::package::{PathType, PathsEntry};

use super::compile::{Compiling, Made};
use super::place::{Placer, Source};
use super::record;
use super::targets::targets;
use crate::archive::{Archive, EntryKind, PackageMetadata, Part, TarEntry, TarReader};
use crate::error::Problem;
use crate::install_prefix::Prefix;
use crate::layer_tar::{DIRECTORY_TIME, Fault, LayerTar};
use crate::pyc::{Compile, Uncompiled};
use crate::slim::{Savings, SlimPolicies, SlimPolicy};

/// Mode of entry points; conda and rattler write the same.
const SCRIPT_MODE: u32 = 0o775;
/// Entries of an archive beyond those that paths.json lists.
const MAX_UNLISTED: u64 = 1_000_000;
/// How often the payload is read again for hard links.
const MAX_PASSES: usize = 8;

/// What decides how a package is linked, besides the package.
pub(crate) struct LinkContext<'a> {
    pub(crate) prefix: &'a Prefix,
    pub(crate) python: Option<&'a Python>,
    /// Destinations that belong to another package.
    pub(crate) masked: &'a BTreeSet<String>,
    /// What is left out of it.
    pub(crate) slim: SlimPolicies,
    /// Makes `.pyc` files, if there are to be some.
    pub(crate) compiler: Option<&'a dyn Compile>,
}

/// What a package came to in its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSummary {
    /// File name of the archive.
    pub file_name: String,
    /// Files, links, entry points and `.pyc` files.
    pub files: u64,
    /// Bytes of their content.
    pub bytes: u64,
    /// How many of the files are `.pyc` files that were made.
    pub compiled: u64,
    /// Python sources that have none, as they do not compile.
    pub uncompiled: Vec<Uncompiled>,
    /// What was left out to save space; paths that another package owns do not count.
    pub left_out: Savings,
}

/// What became of a target; all that conda-meta says beyond paths.json.
#[derive(Debug, Clone, Default)]
pub(super) struct Linked {
    pub(super) size: u64,
    pub(super) sha256_in_prefix: Option<[u8; 32]>,
    pub(super) patched: bool,
    /// Of a file as the archive holds it; `None` for links.
    pub(super) original: Option<Original>,
}

/// A file as the archive holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Original {
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
    pub(super) mode: u32,
    pub(super) mtime: u64,
}

/// Writes a package's entries in the order of its archive, then its entry points, its `.pyc` files and its record.
pub(crate) fn link<W: Write>(
    context: &LinkContext<'_>,
    package: &LockedPackage,
    archive: &Archive,
    metadata: &PackageMetadata,
    tar: &mut LayerTar<W>,
) -> Result<PackageSummary, Fault> {
    if metadata.index.name.as_normalized() != package.name() {
        let truth = format!("the lock means the package '{}'", package.name());
        let claim = format!("it is the package '{}'", metadata.index.name.as_normalized());
        return Err(Problem::Lie { path: "info/index.json".into(), claim, truth }.into());
    }
    let mut targets = targets(metadata, context.python, context.masked)?;
    let left_out = leave_out(&mut targets, package.name(), context.slim);
    let time = package.record.timestamp.map(|time| time.timestamp_millis().max(0) as u64 / 1000);
    let time = time.unwrap_or(DIRECTORY_TIME);
    let patched_time = metadata.about_mtime.map_or(time, |written| written.saturating_add(1));
    let placer = Placer::new(context.prefix.as_str(), patched_time);
    let mut linker = Linker {
        placer,
        linked: vec![None; targets.files.len()],
        aliases: HashMap::new(),
        late: BTreeMap::new(),
        holders: HashMap::new(),
        compiling: context.compiler.map(|compiler| Compiling::new(compiler, context.prefix)),
        targets,
        left_out,
        savings: Savings::default(),
        tar,
    };
    linker.payload(archive, metadata)?;
    linker.late_links(archive, metadata)?;
    linker.directories()?;
    let scripts = linker.entry_points(context, metadata, time)?;
    let Linker { targets, linked, tar, compiling, savings, .. } = linker;
    let made = compiling.map(|compiling| compiling.finish(tar)).transpose()?.unwrap_or_default();
    let text = record::render(package, &targets.files, &linked, &scripts, &made.files)?;
    tar.file(&record::record_path(package), 0o644, time, &text)?;
    Ok(summary(package, &linked, scripts.len(), made, savings))
}

/// Masks what the policies name: neither the layer nor the record has it. Hard links to it get its content.
fn leave_out(targets: &mut Targets<'_>, package: &str, slim: SlimPolicies) -> Vec<Option<SlimPolicy>> {
    let leave_out = |target: &mut Target<'_>| {
        let may = !target.masked && target.entry.path_type != PathType::Directory;
        let policy = slim.left_out(package, &target.destination).filter(|_| may);
        target.masked |= policy.is_some();
        policy
    };
    targets.files.iter_mut().map(leave_out).collect()
}

fn summary(
    package: &LockedPackage,
    linked: &[Option<Linked>],
    scripts: usize,
    made: Made,
    left_out: Savings,
) -> PackageSummary {
    let linked = || linked.iter().flatten();
    PackageSummary {
        file_name: package.file_name.clone(),
        files: (linked().count() + scripts + made.files.len()) as u64,
        // What paths.json claims of links is not checked, so the sum may be absurd.
        bytes: linked().fold(made.bytes, |sum, linked| sum.saturating_add(linked.size)),
        compiled: made.files.len() as u64,
        uncompiled: made.failed,
        left_out,
    }
}

struct Linker<'a, 'w, W> {
    placer: Placer,
    targets: Targets<'a>,
    /// Per target, once it is in the layer.
    linked: Vec<Option<Linked>>,
    /// Hard links of the archive, and the first name of the same file.
    aliases: HashMap<String, String>,
    /// Hard links whose content the layer does not hold under its first name: that name, and the targets.
    late: BTreeMap<String, Vec<usize>>,
    /// For a first name, the target that holds its content instead.
    holders: HashMap<String, usize>,
    compiling: Option<Compiling<'a>>,
    /// Per target, the policy that leaves it out.
    left_out: Vec<Option<SlimPolicy>>,
    savings: Savings,
    tar: &'w mut LayerTar<W>,
}

impl<W: Write> Linker<'_, '_, W> {
    fn payload(&mut self, archive: &Archive, metadata: &PackageMetadata) -> Result<(), Fault> {
        let mut reader = open(archive, metadata)?;
        let mut seen = vec![false; self.targets.files.len()];
        while let Some(entry) = reader.next_entry()? {
            let Some(path) = entry.path.as_deref() else { continue };
            if let EntryKind::HardLink(first) = &entry.kind {
                let first = self.aliases.get(first).unwrap_or(first).clone();
                self.aliases.insert(path.to_owned(), first);
            }
            // What paths.json does not list is not installed: conda's own info files, for example.
            let Some(index) = self.targets.by_path.get(path).copied() else { continue };
            if std::mem::replace(&mut seen[index], true) {
                if entry.kind == EntryKind::Directory {
                    continue;
                }
                return Err(Problem::path(path, "is in the archive twice").into());
            }
            self.place(index, &entry, &mut reader)?;
        }
        reader.finish()?;
        let files = || self.targets.files.iter().zip(&seen);
        let absent = files().find(|(target, seen)| !**seen && target.entry.path_type != PathType::Directory);
        match absent {
            Some((target, _)) => Err(Problem::NotHeld(target.path.to_owned()).into()),
            None => Ok(()),
        }
    }

    /// Writes one target, unless it has to wait or is masked.
    fn place(&mut self, index: usize, entry: &TarEntry, content: &mut impl Read) -> Result<(), Fault> {
        let target = &self.targets.files[index];
        check_type(target, &entry.kind)?;
        if target.masked {
            if let Some(policy) = self.left_out[index] {
                self.savings.count(policy, if entry.kind == EntryKind::File { entry.size } else { 0 });
            }
            return Ok(());
        }
        let linked = match &entry.kind {
            EntryKind::Directory => return Ok(()),
            EntryKind::Symlink(to) => self.placer.symlink(self.tar, target, to, entry.mtime)?,
            EntryKind::File => {
                let source = Source { content, size: entry.size, mode: entry.mode, mtime: entry.mtime };
                if let Some(compiling) = &self.compiling {
                    compiling.watch(target.pyc.as_deref(), self.tar);
                }
                let linked = self.placer.file(self.tar, target, source)?;
                if let Some(compiling) = &mut self.compiling {
                    compiling.take(&target.destination, target.pyc.as_deref(), self.tar)?;
                }
                linked
            }
            EntryKind::HardLink(first) => {
                let first = self.aliases.get(target.path).unwrap_or(first).clone();
                return self.link_or_wait(index, first);
            }
        };
        self.linked[index] = Some(linked);
        Ok(())
    }

    fn link_or_wait(&mut self, index: usize, first: String) -> Result<(), Fault> {
        self.linked[index] = self.hard_link(index, &first)?;
        if self.linked[index].is_none() {
            self.late.entry(first).or_default().push(index);
        }
        Ok(())
    }

    /// A hard link to a file of this layer whose content, after replacement, is the same.
    fn hard_link(&mut self, index: usize, first: &str) -> Result<Option<Linked>, Fault> {
        let target = &self.targets.files[index];
        let holder = self.holders.get(first).or_else(|| self.targets.by_path.get(first)).copied();
        let Some((to, linked)) = holder.and_then(|holder| {
            let linked = self.linked[holder].clone()?;
            Some((&self.targets.files[holder], linked))
        }) else {
            return Ok(None);
        };
        let Some(original) = linked.original.filter(|_| prefix_of(to.entry) == prefix_of(target.entry))
        else {
            return Ok(None);
        };
        self.placer.check(target, &original)?;
        let mtime = if linked.patched { self.placer.patched_time() } else { original.mtime };
        self.tar.hard_link(&target.destination, &to.destination, original.mode, mtime)?;
        if let Some(compiling) = &mut self.compiling {
            compiling.take_link(&target.destination, target.pyc.as_deref(), &to.destination);
        }
        Ok(Some(self.placer.describe(target, linked, &original)))
    }

    /// Reads the archive again for hard links to files that are not in the layer under their first name: that
    /// name is masked or not listed, or its prefix is replaced in another way.
    fn late_links(&mut self, archive: &Archive, metadata: &PackageMetadata) -> Result<(), Fault> {
        for _ in 0..MAX_PASSES {
            let mut wanted = std::mem::take(&mut self.late);
            if wanted.is_empty() {
                return Ok(());
            }
            let mut reader = open(archive, metadata)?;
            while let Some(entry) = reader.next_entry()? {
                let Some(path) = entry.path.as_deref() else { continue };
                let Some(indexes) = wanted.remove(path) else { continue };
                self.late_file(path, &indexes, &entry, &mut reader)?;
            }
            if let Some((first, _)) = wanted.pop_first() {
                return Err(
                    Problem::path(&first, "is the target of a hard link but not in the archive").into()
                );
            }
        }
        let what = "the number of ways in which hard links to one file differ".to_owned();
        Err(Problem::TooBig { what, limit: MAX_PASSES.to_string() }.into())
    }

    fn late_file(
        &mut self,
        first: &str,
        indexes: &[usize],
        entry: &TarEntry,
        content: &mut impl Read,
    ) -> Result<(), Fault> {
        match entry.kind {
            EntryKind::HardLink(_) | EntryKind::Directory => {
                Err(Problem::path(first, "is the target of a hard link but no file").into())
            }
            EntryKind::Symlink(_) => indexes.iter().try_for_each(|index| self.place(*index, entry, content)),
            EntryKind::File => {
                self.place(indexes[0], entry, content)?;
                let policy = self.targets.by_path.get(first).and_then(|index| self.left_out[*index]);
                if let Some(policy) = policy.filter(|_| !self.holders.contains_key(first)) {
                    self.savings.kept(policy, entry.size);
                }
                self.holders.insert(first.to_owned(), indexes[0]);
                indexes[1..].iter().try_for_each(|index| self.link_or_wait(*index, first.to_owned()))
            }
        }
    }

    fn directories(&mut self) -> Result<(), Fault> {
        for (index, target) in self.targets.files.iter().enumerate() {
            if target.entry.path_type == PathType::Directory && !target.masked {
                self.tar.directory(&target.destination)?;
                self.linked[index] = Some(Linked::default());
            }
        }
        Ok(())
    }

    /// Writes the entry points; returns their destinations and contents' digests and sizes.
    fn entry_points(
        &mut self,
        context: &LinkContext<'_>,
        metadata: &PackageMetadata,
        time: u64,
    ) -> Result<Vec<record::Script>, Fault> {
        let mut scripts = Vec::new();
        for (entry_point, destination) in metadata.entry_points.iter().zip(&self.targets.entry_points) {
            let (Some(python), Some(destination)) = (context.python, destination) else { continue };
            let text = python.entry_point_script(context.prefix.as_str(), entry_point);
            self.tar.file(destination, SCRIPT_MODE, time, text.as_bytes())?;
            scripts.push(record::Script::new(destination, &text));
        }
        Ok(scripts)
    }
}

fn open(archive: &Archive, metadata: &PackageMetadata) -> Result<TarReader<Box<dyn Read + Send>>, Problem> {
    let most = metadata.paths.paths.len() as u64 + MAX_UNLISTED;
    archive.part(Part::Payload, metadata.payload_limit(), most)
}

/// What decides a file's content after replacement, given the content before.
fn prefix_of(entry: &PathsEntry) -> Option<(&str, bool)> {
    let placeholder = entry.prefix_placeholder.as_ref()?;
    let is_text = placeholder.file_mode == rattler_conda_types::package::FileMode::Text;
    Some((&placeholder.placeholder, is_text))
}

/// paths.json and the archive must agree on what is a link. A symbolic link that is listed as a file stays a
/// link, as rattler leaves it.
fn check_type(target: &Target<'_>, kind: &EntryKind) -> Result<(), Problem> {
    let (claim, truth) = match (target.entry.path_type, kind) {
        (PathType::HardLink, EntryKind::File | EntryKind::HardLink(_)) => return Ok(()),
        (PathType::HardLink, EntryKind::Symlink(_)) if target.entry.prefix_placeholder.is_none() => {
            return Ok(());
        }
        (PathType::SoftLink, EntryKind::Symlink(_) | EntryKind::HardLink(_))
            if target.entry.prefix_placeholder.is_none() =>
        {
            return Ok(());
        }
        (PathType::Directory, EntryKind::Directory) => return Ok(()),
        (PathType::HardLink, EntryKind::Directory) => ("it is a file", "it is a directory"),
        (PathType::Directory, _) => ("it is a directory", "it is a file or link"),
        (_, EntryKind::Symlink(_)) => ("it holds the prefix", "it is a symbolic link"),
        (PathType::SoftLink, _) => ("it is a symbolic link", "it is a file or directory"),
    };
    Err(Problem::Lie { path: target.path.into(), claim: claim.into(), truth: truth.into() })
}
