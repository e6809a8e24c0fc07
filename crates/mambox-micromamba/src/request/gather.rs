//! Command line and files become one request.

use std::collections::BTreeMap;

use mambox_env::{EnvSpec, ExplicitFile, LockFile, LockSelection};
use rattler_conda_types::Subdir;

use super::files::{Kind, SpecFile};
use super::{Asked, Exact, PipSection, Specs, conda_lock, locked_pip};
use crate::failure::{Failure, Outcome};

/// Everything that decides how files are understood.
pub(crate) struct Surroundings<'a> {
    pub(crate) platform: Subdir,
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// Of conda-lock files; `main` when empty.
    pub(crate) categories: &'a [String],
}

/// Puts specs and files together; `warn` hears of what is odd in them.
pub(crate) fn gather(
    words: &[String],
    files: &[SpecFile],
    around: &Surroundings<'_>,
    warn: &mut dyn FnMut(String),
) -> Outcome<Asked> {
    let exact = |kind| matches!(kind, Kind::CondaLock | Kind::PixiLock | Kind::Explicit);
    let mut kinds = files.iter().map(|file| exact(file.kind));
    let first = kinds.next().unwrap_or(false);
    if kinds.any(|other| other != first) {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        return Err(Failure::Message(format!(
            "files of specs and of exact packages cannot be mixed: {}. Install them one after the other",
            names.join(", ")
        )));
    }
    if first {
        if !words.is_empty() {
            warn(format!("'{}' is left out: the packages are given exactly by a file", words.join(" ")));
        }
        return exact_packages(files, around).map(Asked::Exact);
    }
    let mut specs = Specs::default();
    words.iter().try_for_each(|word| specs.add(word))?;
    for file in files {
        match file.kind {
            Kind::Yaml => add_yaml(&mut specs, file, around, warn)?,
            _ => add_lines(&mut specs, file)?,
        }
    }
    Ok(Asked::Specs(specs))
}

fn add_yaml(
    specs: &mut Specs,
    file: &SpecFile,
    around: &Surroundings<'_>,
    warn: &mut dyn FnMut(String),
) -> Outcome {
    let lookup = |name: &str| around.variables.get(name).cloned();
    let read = EnvSpec::from_yaml(&file.text, &file.name, around.platform, &lookup)?;
    read.warnings.into_iter().for_each(&mut *warn);
    let mut read = read.spec;
    if let (Some(first), Some(other)) = (&specs.spec.name, &read.name)
        && first != other
    {
        warn(format!("{} names the environment '{other}', which stays '{first}'", file.name));
    }
    let requirements = std::mem::take(&mut read.pip);
    if !requirements.is_empty() {
        specs.pip.push(PipSection { requirements, folder: file.folder.clone(), locked: false });
    }
    specs.add_file(read);
    Ok(())
}

/// One spec a line; blank lines, comments and lines with `@` are none.
fn add_lines(specs: &mut Specs, file: &SpecFile) -> Outcome {
    let lines = file.text.lines().map(str::trim);
    let mut found = false;
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '@'])) {
        specs.spec.add_spec(line, &file.name)?;
        specs.texts.push(line.to_owned());
        found = true;
    }
    if found { Ok(()) } else { Err(Failure::Message(format!("Got an empty file: {}", file.name))) }
}

fn exact_packages(files: &[SpecFile], around: &Surroundings<'_>) -> Outcome<Exact> {
    let mut exact = Exact::default();
    for file in files {
        if file.kind == Kind::Explicit {
            let list = ExplicitFile::from_text(&file.text, &file.name, Some(&file.folder))?;
            exact.addresses.extend(list.packages);
            continue;
        }
        let categories = match around.categories {
            [] => vec!["main".to_owned()],
            some => some.to_vec(),
        };
        let platform = around.platform.to_string();
        let (text, requirements) = match file.kind {
            Kind::CondaLock => conda_lock::split(&file.text, &file.name, &platform, &categories)?,
            _ => (file.text.clone(), Vec::new()),
        };
        exact.pip.extend(conda_lock::section(requirements, file.folder.clone()));
        let selection = LockSelection {
            platforms: vec![around.platform],
            categories,
            base_dir: Some(file.folder.clone()),
            ..LockSelection::default()
        };
        let locks = LockFile::from_text(&text, &file.name, &selection)?;
        if let Some(lock) = locks.lock(around.platform) {
            let distributions = lock.pip().iter().map(|package| locked_pip::requirement(package, &file.name));
            let requirements = distributions.collect::<Outcome<Vec<_>>>()?;
            exact.pip.extend(conda_lock::section(requirements, file.folder.clone()));
            exact.locks.push(lock.clone());
        }
    }
    Ok(exact)
}
