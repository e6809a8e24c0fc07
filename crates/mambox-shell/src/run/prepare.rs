//! From a request to what the process becomes.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mambox_activate::{Change, DEFAULT_PATH, Environment, How};

use super::error::RunError;
use super::launch::Launch;
use super::program;
use super::request::RunRequest;
use super::sourcing::{arguments, change_before};
use crate::prefix;
use crate::prompt::Prompt;
use crate::shell::Shell;
use crate::transition::{Place, Transition};

/// Finds out what to run, with which variables. Reads files, starts nothing and writes nothing.
///
/// A prefix without `activate.d` scripts, or with scripts whose effect mambox captured in the image, needs no shell: the
/// command itself is what starts. Where there are other scripts, or the active prefix has some for its end, bash (else sh) sources them and becomes the command.
/// Either way no process stays behind that signals would have to pass: section 8 of the reference.
///
/// # Errors
/// All of [`RunError`] but [`RunError::Refused`].
pub fn prepare(request: &RunRequest) -> Result<Launch, RunError> {
    let name = request.command.first().ok_or(RunError::NoCommand)?;
    if !request.prefix.is_dir() {
        return Err(RunError::NoSuchPrefix(request.prefix.clone()));
    }
    check_folder(request)?;
    let mut environment = request.before();
    let (mut transition, mut warnings) = transition(request, &environment)?;
    let shell = shell_for(&transition, &environment);
    if shell.is_none() {
        warnings.extend(not_sourced(&transition));
        transition.leave.clear();
    }
    apply(change_before(&transition), &mut environment);
    if let Some(cwd) = request.cwd.as_deref().filter(|cwd| cwd.is_absolute()) {
        environment.insert("PWD".into(), cwd.into());
    }
    let (program, name, arguments) = match shell {
        // A script may bring the program's folder into PATH, so the shell looks for it.
        Some(shell) => (shell.clone(), shell.into_os_string(), arguments(&transition, &request.command)),
        None => {
            let path = path_of(&environment);
            let found = program::find(name, &path, request.cwd.as_deref());
            let program = found.ok_or_else(|| RunError::NotFound { name: name.clone(), path })?;
            (program, name.clone(), request.command[1..].to_vec())
        }
    };
    let (cwd, streams) = (request.cwd.clone(), request.streams());
    Ok(Launch { program, name, arguments, environment, cwd, streams, warnings })
}

/// The shell that sources the scripts, where there are some.
fn shell_for(transition: &Transition, environment: &BTreeMap<OsString, OsString>) -> Option<PathBuf> {
    let scripts = !(transition.leave.is_empty() && transition.enter.is_empty());
    let path = || transition.path.clone().unwrap_or_else(|| path_of(environment));
    scripts.then(|| program::shell(&path())).flatten()
}

fn path_of(environment: &BTreeMap<OsString, OsString>) -> String {
    let path = environment.get(OsStr::new("PATH"));
    path.map_or_else(|| DEFAULT_PATH.into(), |path| path.to_string_lossy().into_owned())
}

fn transition(
    request: &RunRequest,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<(Transition, Vec<String>), RunError> {
    let environment = as_text(environment);
    let root = prefix::text(&request.root_prefix)?;
    let (shell, prompt) = (Shell::Posix, &Prompt::default());
    // Nobody types here, so what is not there need not be looked through.
    let condabin = Path::new(root).join("condabin").is_dir();
    let mut place = Place {
        environment: &environment,
        root,
        condabin,
        captured: true,
        shell,
        prompt,
        warnings: Vec::new(),
    };
    let transition = place.activate(prefix::text(&request.prefix)?, How::Replace)?;
    Ok((transition, place.warnings))
}

/// Variables that are no text take no part in activation. `PATH` has to.
fn as_text(environment: &BTreeMap<OsString, OsString>) -> Environment {
    let text = |(name, value): (&OsString, &OsString)| {
        let value =
            if name == "PATH" { value.to_string_lossy().into_owned() } else { value.to_str()?.into() };
        Some((name.to_str()?.to_owned(), value))
    };
    environment.iter().filter_map(text).collect()
}

fn apply(change: Change, environment: &mut BTreeMap<OsString, OsString>) {
    for name in &change.unset {
        environment.remove(OsStr::new(name));
    }
    environment.extend(change.set.into_iter().map(|(name, value)| (name.into(), value.into())));
}

fn check_folder(request: &RunRequest) -> Result<(), RunError> {
    let Some(path) = request.cwd.clone() else { return Ok(()) };
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(RunError::Cwd { path, source: io::ErrorKind::NotADirectory.into() }),
        Err(source) => Err(RunError::Cwd { path, source }),
    }
}

fn not_sourced(transition: &Transition) -> Option<String> {
    let scripts = [&transition.leave[..], &transition.enter[..]].concat();
    (!scripts.is_empty()).then(|| {
        format!(
            "activation scripts were not sourced, since there is neither bash nor sh: {}",
            scripts.join(", ")
        )
    })
}
