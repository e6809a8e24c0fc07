//! Where each file of a wheel goes, before anything is written.

use std::collections::{BTreeSet, HashSet};

use mambox_link::Python;
use rattler_conda_types::package::EntryPoint;

use super::members::Member;
use super::metadata::WheelMetadata;
use super::names::FileName;
use crate::error::Problem;
use crate::link::refuse_whiteout;
use crate::slim::{SlimPolicies, SlimPolicy};

/// What only installers write into a `.dist-info` folder, and signatures of the RECORD that is replaced.
const INSTALLERS: [&str; 6] =
    ["INSTALLER", "RECORD", "RECORD.jws", "RECORD.p7s", "REQUESTED", "direct_url.json"];

/// What decides where files go, besides the wheel.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) python: &'a Python,
    /// Destinations that belong to another wheel.
    pub(super) masked: &'a BTreeSet<String>,
    /// The wheel's name, and what is left out of it.
    pub(super) slim: (&'a str, SlimPolicies),
}

/// Where one file goes.
#[derive(Debug)]
pub(super) enum Target {
    /// Into the environment.
    Installed(Place),
    /// Nowhere, by a policy or for another reason.
    LeftOut(Option<SlimPolicy>),
}

/// A place in the environment.
#[derive(Debug)]
pub(super) struct Place {
    /// Relative to the prefix.
    pub(super) destination: String,
    /// It comes from `.data/scripts`.
    pub(super) is_script: bool,
    /// Where its compiled form goes, if it is a python source and nothing is there.
    pub(super) pyc: Option<String>,
}

/// All that a wheel installs.
#[derive(Debug)]
pub(super) struct Targets<'a> {
    /// One for each member, in their order.
    pub(super) files: Vec<Target>,
    /// Scripts to be made.
    pub(super) scripts: Vec<(String, &'a EntryPoint)>,
    /// `INSTALLER`, `None` where another wheel has something in its place.
    pub(super) installer: Option<String>,
    /// `RECORD`, likewise.
    pub(super) record: Option<String>,
}

/// Maps and checks all paths.
pub(super) fn targets<'a>(
    members: &[Member],
    metadata: &'a WheelMetadata,
    rules: Rules<'_>,
) -> Result<Targets<'a>, Problem> {
    let scripts: Vec<(String, &EntryPoint)> = metadata
        .entry_points
        .iter()
        .map(|entry_point| (format!("bin/{}", entry_point.command), entry_point))
        .collect();
    let names: HashSet<&str> = scripts.iter().map(|(_, entry_point)| entry_point.command.as_str()).collect();
    let mut places = Vec::with_capacity(members.len());
    for member in members {
        let place = place(&member.path, metadata, rules.python)?;
        places.push(place.filter(|place| !gives_way(place, &names)));
    }
    let info = format!("{}/{}", rules.python.site_packages, metadata.info);
    let own = [format!("{info}/INSTALLER"), format!("{info}/RECORD")];
    let generated = scripts.iter().map(|(path, _)| path.as_str()).chain(own.iter().map(String::as_str));
    let all: Vec<&str> =
        places.iter().flatten().map(|place| place.destination.as_str()).chain(generated).collect();
    let taken = check(&all)?;
    let sources: Vec<Option<String>> =
        places.iter().map(|place| pyc(place.as_ref()?, &taken, rules)).collect();
    drop(taken);
    let free = |path: &String| !rules.masked.contains(path);
    let [installer, record] = own;
    let files = places.into_iter().zip(sources).map(|(place, pyc)| choose(place, pyc, rules)).collect();
    Ok(Targets {
        files,
        scripts: scripts.into_iter().filter(|(path, _)| free(path)).collect(),
        installer: Some(installer).filter(free),
        record: Some(record).filter(free),
    })
}

/// Where a member goes; `None` for what is not installed.
fn place(path: &str, metadata: &WheelMetadata, python: &Python) -> Result<Option<Place>, Problem> {
    let at = |folder: &str, below: &str, is_script| {
        let destination = if folder.is_empty() { below.to_owned() } else { format!("{folder}/{below}") };
        Ok(Some(Place { destination, is_script, pyc: None }))
    };
    let (top, below) = path.split_once('/').unwrap_or((path, ""));
    if top == metadata.info && INSTALLERS.contains(&below) {
        return Ok(None);
    }
    let Some(stem) = top.strip_suffix(".data") else { return at(&python.site_packages, path, false) };
    let refuse = |why: String| Problem::NotInWheels { path: mambox_link::printable(path), why };
    let own = FileName { name: &metadata.name, version: &metadata.version };
    if !own.owns(stem) {
        let why = "which belongs to another distribution; ask its authors for a wheel without it".to_owned();
        return Err(refuse(why));
    }
    let Some((scheme, below)) = below.split_once('/') else {
        return Err(refuse("which does not say where to go; ask its authors for another wheel".to_owned()));
    };
    match scheme {
        "purelib" | "platlib" => at(&python.site_packages, below, false),
        "scripts" => at("bin", below, true),
        "data" => at("", below, false),
        "headers" => at(&format!("include/python{}/{}", python.version, metadata.name), below, false),
        other => {
            let other = mambox_link::printable(other);
            let known = "purelib, platlib, scripts, data and headers";
            Err(refuse(format!(
                "which is for the unknown scheme '{other}' (known are {known}); ask its authors for another wheel"
            )))
        }
    }
}

/// Whether an entry point's script takes the place of a file. Old tools put scripts of their own making into wheels: as
/// with pip, these give way by their names, whatever folder they are in.
fn gives_way(place: &Place, entry_points: &HashSet<&str>) -> bool {
    let name = place.destination.rsplit('/').next().unwrap_or_default();
    if !place.is_script {
        return place.destination.strip_prefix("bin/").is_some_and(|name| entry_points.contains(name));
    }
    let lower = name.to_ascii_lowercase();
    let ending = [".exe", "-script.py", ".pya"].into_iter().find(|ending| lower.ends_with(ending));
    entry_points.contains(&name[..name.len() - ending.map_or(0, str::len)])
}

/// Refuses what no package may install, and two things in one place; returns all paths.
fn check<'a>(paths: &[&'a str]) -> Result<HashSet<&'a str>, Problem> {
    let mut taken = HashSet::with_capacity(paths.len());
    for path in paths {
        mambox_link::check(path)?;
        refuse_whiteout(path)?;
        if !taken.insert(*path) {
            return Err(Problem::path(path, "two files of this wheel would be installed to"));
        }
    }
    match paths.iter().find(|path| mambox_link::ancestors(path).any(|above| taken.contains(above))) {
        Some(path) => Err(Problem::path(path, "leads through a file of this wheel")),
        None => Ok(taken),
    }
}

/// Where the compiled form of a file goes, by conda's rule for noarch python packages: of sources below site-packages, a
/// `.pyc` that is there already stays.
fn pyc(place: &Place, taken: &HashSet<&str>, rules: Rules<'_>) -> Option<String> {
    let folder = format!("{}/", rules.python.site_packages);
    let name = place.destination.strip_prefix(&folder)?.strip_suffix(".py")?;
    if name.is_empty() || name.contains(['\t', '\n', '\r', '\x0c', '\x0b']) {
        return None;
    }
    let pyc = rules.python.pyc_path(&place.destination)?;
    let is_free = !taken.contains(pyc.as_str())
        && mambox_link::ancestors(&pyc).all(|above| !taken.contains(above))
        && !rules.masked.contains(&pyc)
        && mambox_link::check(&pyc).is_ok();
    is_free.then_some(pyc)
}

fn choose(place: Option<Place>, pyc: Option<String>, rules: Rules<'_>) -> Target {
    let Some(place) = place.filter(|place| !rules.masked.contains(&place.destination)) else {
        return Target::LeftOut(None);
    };
    let (name, slim) = rules.slim;
    match slim.left_out(name, &place.destination) {
        Some(policy) => Target::LeftOut(Some(policy)),
        None => Target::Installed(Place { pyc, ..place }),
    }
}
