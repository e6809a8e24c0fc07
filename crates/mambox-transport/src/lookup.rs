//! Looking for files in an image's layers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use mambox_oci::Image;
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::remember::Memory;
use crate::files::tar_stream::for_each_entry;
use crate::job::{Job, blocking};
use crate::tree::{Content, Kind, Names, Tree, apply_tar};
use crate::{Transport, TransportError};

/// A file to look for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// A path from the root, without a leading slash. A `*` stands for any part of one component:
    /// `lib/ld-musl-*.so.1`, `usr/lib/*/libc.so.6`. Links are followed: `lib/x` finds `usr/lib/x`.
    pub path: String,
    /// Contents up to this many bytes are read; 0 tells only whether the file is there.
    pub limit: u64,
}

impl Wanted {
    /// A file with its content of at most `limit` bytes.
    pub fn new(path: impl Into<String>, limit: u64) -> Self {
        Self { path: path.into(), limit }
    }
}

/// A regular file or a folder that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it is with all links followed, without a leading slash.
    pub real_path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Bytes.
    pub size: u64,
    /// The content, unless it is larger than was asked for.
    pub content: Option<Vec<u8>>,
}

/// Looks for files in all layers as an engine would lay them over each other: whiteouts honoured, links
/// followed within the image. The result is keyed by the paths as they were asked for, a `*` filled in.
///
/// Reads every layer once or twice; see [`facts`] for what is needed on every build.
pub async fn find_files(
    image: &Image,
    wanted: &[Wanted],
    on: &dyn Reporter,
) -> Result<BTreeMap<String, FoundFile>, TransportError> {
    crate::registry::prefetch(std::slice::from_ref(image), 4, on).await?;
    let (image, wanted) = (image.clone(), wanted.to_vec());
    blocking("the base image's files", on, move |job| {
        let reporter: &dyn Reporter = job;
        let task = reporter.begin(Stage::Base, "files of the base image", Some(image.size()), Unit::Bytes);
        let found = find(&image, &wanted, &|by| task.advance(by), job);
        let found = found.map_err(TransportError::io("read", format!("the layers of {}", image.digest())))?;
        task.finish(Outcome::Done);
        Ok(found)
    })
    .await
}

/// Facts that files of an image tell, remembered by its diffIDs.
///
/// `question` names what is asked and the version of the answer: change it whenever `wanted` or `derive`
/// change.
pub async fn facts<T: Serialize + DeserializeOwned>(
    image: &Image,
    question: &str,
    wanted: &[Wanted],
    derive: impl FnOnce(&BTreeMap<String, FoundFile>) -> T,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<T, TransportError> {
    let memory = Memory::new(transport.cache_dir.as_deref(), "image-1");
    let diff_ids: Vec<String> = image.layers().iter().map(|layer| layer.diff_id().to_string()).collect();
    let key = format!("{question}\n{}", diff_ids.join("\n"));
    if let Some(known) = memory.recall_text(&key) {
        return Ok(known);
    }
    let facts = derive(&find_files(image, wanted, on).await?);
    memory.keep_text(&key, &facts);
    Ok(facts)
}

fn find(
    image: &Image,
    wanted: &[Wanted],
    advance: &dyn Fn(u64),
    job: &Job,
) -> io::Result<BTreeMap<String, FoundFile>> {
    let mut tree = Tree::default();
    for (layer, data) in image.layers().iter().enumerate() {
        job.check()?;
        apply_tar(&mut tree, data.open_tar()?, Names::Layer, |entry, _| Ok(Content::Entry { layer, entry }))
            .map_err(|error| damage(data).unwrap_or(error))?;
        advance(data.descriptor().size);
    }
    let mut found = BTreeMap::new();
    // The entry whose content is wanted, and by which paths.
    let mut needed: BTreeMap<(usize, usize), BTreeSet<String>> = BTreeMap::new();
    for wanted in wanted {
        for path in expand(&tree, &wanted.path) {
            let Some(real) = tree.resolve(path.as_bytes()) else { continue };
            let Some(node) = tree.get(&real) else { continue };
            let (is_folder, size) = match &node.kind {
                Kind::Directory => (true, 0),
                Kind::File { size, content: Content::Entry { layer, entry } } => {
                    if *size <= wanted.limit && wanted.limit > 0 {
                        needed.entry((*layer, *entry)).or_default().insert(path.clone());
                    }
                    (false, *size)
                }
                _ => continue,
            };
            let real_path = String::from_utf8_lossy(&real).into_owned();
            let (mode, uid, gid) = (node.mode, node.uid, node.gid);
            found.insert(path, FoundFile { real_path, is_folder, mode, uid, gid, size, content: None });
        }
    }
    read_contents(image, &needed, &mut found, job)?;
    Ok(found)
}

/// Where a layer's bytes are not those of its digest, that says more than what a parser makes of them.
fn damage(layer: &mambox_oci::Layer) -> Option<io::Error> {
    layer.open().and_then(|mut blob| io::copy(&mut blob, &mut io::sink())).err()
}

/// The existing paths that a pattern means.
fn expand(tree: &Tree, pattern: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let join =
            |path: &str, name: &str| if path.is_empty() { name.into() } else { format!("{path}/{name}") };
        let Some((start, end)) = part.split_once('*') else {
            paths = paths.iter().map(|path| join(path, part)).collect();
            continue;
        };
        let mut next = Vec::new();
        for path in &paths {
            let Some(real) = tree.resolve(path.as_bytes()) else { continue };
            let skip = if real.is_empty() { 0 } else { real.len() + 1 };
            let names = tree.below(&real).filter_map(|(below, _)| std::str::from_utf8(&below[skip..]).ok());
            let fits = |name: &&str| {
                !name.contains('/')
                    && name.len() >= start.len() + end.len()
                    && name.starts_with(start)
                    && name.ends_with(end)
            };
            next.extend(names.filter(fits).map(|name| join(path, name)));
        }
        paths = next;
    }
    paths
}

/// Reads the layers that hold wanted contents once more.
fn read_contents(
    image: &Image,
    needed: &BTreeMap<(usize, usize), BTreeSet<String>>,
    found: &mut BTreeMap<String, FoundFile>,
    job: &Job,
) -> io::Result<()> {
    let layers: BTreeSet<usize> = needed.keys().map(|(layer, _)| *layer).collect();
    for layer in layers {
        job.check()?;
        let Some(data) = image.layers().get(layer) else { continue };
        let mut count = 0;
        for_each_entry(data.open_tar()?, |entry| {
            if let Some(paths) = needed.get(&(layer, count)) {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                for path in paths {
                    found.entry(path.clone()).and_modify(|file| file.content = Some(content.clone()));
                }
            }
            count += 1;
            Ok(())
        })?;
    }
    Ok(())
}
