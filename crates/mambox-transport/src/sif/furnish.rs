//! What Apptainer expects in a root file system besides the image's files.

use std::io;
use std::sync::Arc;

use mambox_oci::{Image, ImageConfig};

use super::{labels, runscript, scripts, variables};
use crate::files::tar_stream::invalid;
use crate::tree::{Content, Kind, Node, Tree, split};

/// Texts that also become data objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) definition: String,
    pub(super) variables: String,
    pub(super) runscript: String,
    pub(super) labels: Vec<(String, String)>,
}

impl Texts {
    /// The texts of an image.
    pub(super) fn of(image: &Image) -> Self {
        let config: &ImageConfig = image.config();
        let from = image.digest().to_string();
        Self {
            definition: format!("bootstrap: oci\nfrom: {from}\n\n"),
            variables: variables::script(&config.env()),
            runscript: runscript::script(
                &config.entrypoint().unwrap_or_default(),
                &config.cmd().unwrap_or_default(),
            ),
            labels: labels::of(image, &from),
        }
    }
}

/// Folders that Apptainer mounts something over; made where there is nothing of that name.
const FOLDERS: [&str; 11] = [
    ".singularity.d/libs",
    ".singularity.d/actions",
    ".singularity.d/env",
    "dev",
    "proc",
    "root",
    "var/tmp",
    "tmp",
    "etc",
    "sys",
    "home",
];

/// Links; made where there is nothing of that name.
const LINKS: [(&str, &str); 6] = [
    ("singularity", ".singularity.d/runscript"),
    (".run", ".singularity.d/actions/run"),
    (".exec", ".singularity.d/actions/exec"),
    (".test", ".singularity.d/actions/test"),
    (".shell", ".singularity.d/actions/shell"),
    ("environment", ".singularity.d/env/90-environment.sh"),
];

/// Adds everything that `apptainer build` adds (internal/pkg/build/sources/base_environment.go and
/// conveyorPacker_oci.go, Apptainer 1.4): mount points, links, scripts. Files of those names are replaced. All
/// are of one time, in seconds since the epoch.
pub(super) fn furnish(tree: &mut Tree, texts: &Texts, time: u64) -> io::Result<()> {
    let mut making = Making { tree, time };
    for folder in FOLDERS {
        making.folder(folder.as_bytes())?;
    }
    for (link, target) in LINKS {
        if making.tree.get(link.as_bytes()).is_none() {
            let link = link.as_bytes().to_vec();
            making.tree.insert(link, Arc::new(node(Kind::Symlink(target.into()), 0o777, time)));
        }
    }
    // Apptainer mounts the host's over them.
    making.file("etc/hosts", 0o644, "")?;
    making.file("etc/resolv.conf", 0o644, "")?;
    for (name, text) in scripts::ACTIONS {
        making.file(&format!(".singularity.d/actions/{name}"), 0o755, text)?;
    }
    for (name, text) in scripts::ENVIRONMENT {
        making.file(&format!(".singularity.d/env/{name}"), 0o755, text)?;
    }
    making.file(".singularity.d/env/10-docker2singularity.sh", 0o755, &texts.variables)?;
    making.file(".singularity.d/runscript", 0o755, &texts.runscript)?;
    making.file(".singularity.d/startscript", 0o755, scripts::START)?;
    making.file(".singularity.d/labels.json", 0o644, &labels::json(&texts.labels))?;
    making.file(".singularity.d/Singularity", 0o644, &texts.definition)
}

/// The root folder, which is every engine's business, hence always the same.
pub(super) fn root(time: u64) -> Node {
    node(Kind::Directory, 0o755, time)
}

fn node(kind: Kind, mode: u32, mtime: u64) -> Node {
    Node { kind, mode, mtime, ..Node::implicit_folder() }
}

struct Making<'a> {
    tree: &'a mut Tree,
    time: u64,
}

impl Making<'_> {
    /// A folder and those above it. Links that lead to folders are good, too.
    fn folder(&mut self, path: &[u8]) -> io::Result<Vec<u8>> {
        let real = self.tree.resolve(path).ok_or_else(|| in_the_way(path))?;
        let ends = real.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        for end in ends.chain([real.len()]).collect::<Vec<_>>() {
            match self.tree.get(&real[..end]) {
                Some(node) if node.is_folder() => {}
                Some(_) => return Err(in_the_way(&real[..end])),
                None if end == 0 => {}
                None => {
                    let folder = Arc::new(node(Kind::Directory, 0o755, self.time));
                    self.tree.insert(real[..end].to_vec(), folder);
                }
            }
        }
        Ok(real)
    }

    /// A file in place of what has its name, also of a link, through which nothing is written.
    fn file(&mut self, path: &str, mode: u32, text: &str) -> io::Result<()> {
        let (folder, name) = split(path.as_bytes());
        let folder = self.folder(folder)?;
        let place = [&folder, b"/".as_slice(), name].concat();
        if self.tree.get(&place).is_some_and(|node| node.is_folder()) {
            return Err(in_the_way(&place));
        }
        let kind = Kind::File { size: text.len() as u64, content: Content::Bytes(text.as_bytes().into()) };
        self.tree.insert(place, Arc::new(node(kind, mode, self.time)));
        Ok(())
    }
}

fn in_the_way(path: &[u8]) -> io::Error {
    let path = String::from_utf8_lossy(path);
    invalid(format!("'{path}' of the image is in the way of a file or folder that Apptainer needs"))
}
