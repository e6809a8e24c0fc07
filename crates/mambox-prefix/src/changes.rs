//! Compares a plan with what is on disk: the result is the journal, in which every path stands that will change.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use mambox_link::ancestors;

use crate::error::TransactionError;
use crate::journal::{Journal, Moved};
use crate::placed::Placed;
use crate::prefix::Prefix;
use crate::removal::{Folders, Found, Installed, Leaving};

/// Everything that a transaction will do to the prefix.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) journal: Journal,
    /// For each removed package, where its paths begin in the journal's `moved`.
    pub(crate) starts: Vec<usize>,
    pub(crate) warnings: Vec<String>,
}

impl Changes {
    /// Looks at the disk; nothing is changed. `extra` are files of no package.
    pub(crate) fn find(
        prefix: &Prefix,
        leaving: Leaving,
        placed: &[Placed<'_>],
        extra: &[&str],
        installed: &Installed,
        folders: Folders<'_>,
    ) -> Result<Self, TransactionError> {
        let mut scan = Scan {
            prefix: prefix.path(),
            leaving,
            installed,
            folders,
            known: HashMap::new(),
            new_folders: Vec::new(),
            created: Vec::new(),
            warnings: Vec::new(),
        };
        for placed in placed {
            let dist = &placed.source.dist;
            for path in placed.folders() {
                scan.folder(path, dist)?;
                scan.leaving.emptied.remove(path);
            }
            placed.leaves().try_for_each(|path| scan.leaf(path, dist, true))?;
            placed.compiled().try_for_each(|(_, pyc)| scan.leaf(pyc, dist, false))?;
            scan.leaf(&placed.record, dist, false)?;
        }
        extra.iter().try_for_each(|path| scan.leaf(path, "", false))?;
        let Scan { mut leaving, new_folders, created, mut warnings, .. } = scan;
        leaving.emptied.retain(|path| installed.owner(path).is_none());
        warnings.append(&mut leaving.warnings);
        let mut emptied: Vec<String> = leaving.emptied.into_iter().collect();
        // Children come behind their parents in the order of the alphabet.
        emptied.reverse();
        let (moved, starts) = (leaving.moved, leaving.starts);
        let journal = Journal { moved, created, folders: new_folders, emptied, ..Journal::default() };
        Ok(Self { journal, starts, warnings })
    }
}

struct Scan<'a> {
    prefix: &'a Path,
    leaving: Leaving,
    installed: &'a Installed,
    folders: Folders<'a>,
    /// Whether a folder will be new.
    known: HashMap<String, bool>,
    new_folders: Vec<String>,
    created: Vec<String>,
    warnings: Vec<String>,
}

impl Scan<'_> {
    /// A folder that must be there; tells whether it is new.
    fn folder(&mut self, path: &str, dist: &str) -> Result<bool, TransactionError> {
        if path.is_empty() {
            return Ok(false);
        }
        if let Some(new) = self.known.get(path) {
            return Ok(*new);
        }
        let new = self.folder(parent(path), dist)? || !self.is_there(path, dist)?;
        if new {
            self.new_folders.push(path.to_owned());
        }
        self.known.insert(path.to_owned(), new);
        Ok(new)
    }

    /// Whether there is a folder whose parent is there; a file or link in its place goes.
    fn is_there(&mut self, path: &str, dist: &str) -> Result<bool, TransactionError> {
        let full = self.prefix.join(path);
        let Ok(there) = fs::symlink_metadata(&full) else { return Ok(false) };
        if there.is_dir() {
            return Ok(true);
        }
        if self.leaving.paths.contains(path) {
            return Ok(false);
        }
        match self.folders.find(path) {
            Found::Inside => Ok(true),
            Found::Outside => Err(TransactionError::LeadsOut { dist: dist.to_owned(), link: full }),
            Found::Missing => {
                self.replace(path, dist, true);
                Ok(false)
            }
        }
    }

    /// A file or link that will be created.
    fn leaf(&mut self, path: &str, dist: &str, tell: bool) -> Result<(), TransactionError> {
        let new = self.folder(parent(path), dist)?;
        self.created.push(path.to_owned());
        if new || self.leaving.paths.contains(path) {
            return Ok(());
        }
        let full = self.prefix.join(path);
        match fs::symlink_metadata(&full) {
            Ok(there) if there.is_dir() => self.clear_folder(path, dist),
            Ok(_) => {
                self.replace(path, dist, tell);
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }

    fn replace(&mut self, path: &str, dist: &str, tell: bool) {
        if tell {
            self.warnings.push(match self.installed.owner(path) {
                Some(owner) => format!("{path}: the file of {dist} replaces that of {owner}"),
                None => format!("{path}: the file of {dist} replaces one that belongs to no package"),
            });
        }
        self.moves(path, false);
    }

    fn moves(&mut self, path: &str, is_folder: bool) {
        if self.leaving.paths.insert(path.to_owned()) {
            self.leaving.moved.push(Moved { path: path.to_owned(), is_folder });
        }
    }

    /// A folder in the place of a file may go when all that is in it goes.
    fn clear_folder(&mut self, path: &str, dist: &str) -> Result<(), TransactionError> {
        let full = self.prefix.join(path);
        let in_the_way = || TransactionError::InTheWay { dist: dist.to_owned(), path: full.clone() };
        let entries = fs::read_dir(&full).map_err(TransactionError::io("read", &full))?;
        for entry in entries {
            let entry = entry.map_err(TransactionError::io("read", &full))?;
            let name = entry.file_name().into_string().map_err(|_| in_the_way())?;
            let child = format!("{path}/{name}");
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.clear_folder(&child, dist)?;
            } else if !self.leaving.paths.contains(&child) {
                return Err(in_the_way());
            }
        }
        self.leaving.emptied.remove(path);
        self.moves(path, true);
        Ok(())
    }
}

fn parent(path: &str) -> &str {
    ancestors(path).next().unwrap_or_default()
}
