//! Requirements become distributions.

use std::ffi::OsString;
use std::path::Path;

use mambox_env::{PipPackage, PipSource};
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use crate::{
    choose::{Choice, Chosen},
    error::PipError,
    failure::Failure,
    mask::{Masks, mask_urls},
    platform::{label, python_platform},
    process::run,
    pylock::Pylock,
    reader::Requirements,
    request::PipRequest,
    stubs::{Stubs, io},
    uv::Uv,
    warnings::{explained, warnings},
};

/// Has uv resolve a request, and gives exact distributions by name: none of those that conda packages bring. Dropping the
/// future ends uv and removes temporary files.
///
/// A requirement on a folder gives the folder, editable or not. Of several wheels the best for the target is taken, where none fits the
/// source distribution. Hashes that requirements pin are checked here, since uv does not look at them when it resolves.
///
/// # Errors
/// [`PipError`]; what uv says is in it.
pub async fn resolve(
    uv: &Uv,
    request: &PipRequest<'_>,
    on: &dyn Reporter,
) -> Result<Vec<PipPackage>, PipError> {
    if request.requirements.iter().all(|line| line.trim().is_empty()) {
        return Ok(Vec::new());
    }
    let platform = python_platform(request.target).ok_or_else(|| PipError::Platform {
        file: request.file.to_owned(),
        target: label(request.target),
        version: uv.version().to_owned(),
    })?;
    let requirements = Requirements::read(request)?;
    let masks = requirements.masks(request);
    let progress = on.begin(Stage::Solve, "resolve pip packages", None, Unit::Items);
    let (chosen, said) = with_uv(uv, request, &platform, &requirements, &masks).await?;
    for warning in requirements.warnings.iter().cloned().chain(said).chain(remarks(request, &chosen, &masks))
    {
        on.warn(format!("{}: pip: {warning}", request.file));
    }
    progress.finish(Outcome::Done);
    let mut packages: Vec<PipPackage> = chosen.into_iter().map(|chosen| chosen.package).collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(note) = without_wheel(request, &packages) {
        on.note(format!("{}: pip: {note}", request.file));
    }
    Ok(packages)
}

/// The distributions, and uv's warnings.
async fn with_uv(
    uv: &Uv,
    request: &PipRequest<'_>,
    platform: &str,
    requirements: &Requirements,
    masks: &Masks,
) -> Result<(Vec<Chosen>, Vec<String>), PipError> {
    std::fs::create_dir_all(request.cache_dir).map_err(|source| io("make", request.cache_dir, source))?;
    // uv runs in another folder, and tells paths relative to its output: no link may be in between.
    let cache = request.cache_dir.canonicalize().map_err(|source| io("find", request.cache_dir, source))?;
    let temporary = tempfile::Builder::new().prefix(".tmp-").tempdir_in(&cache);
    let temporary = temporary.map_err(|source| io("make a folder in", &cache, source))?;
    let base = temporary.path();
    let stubs = Stubs::write(base, request.installed)?;
    let output = base.join("pylock.toml");
    let arguments = arguments(request, &cache, platform, &stubs, &output);
    let finished = run(uv, request, &arguments, &requirements.text).await?;
    if !finished.status.success() {
        return Err(Failure { uv, request, requirements, stubs: &stubs, masks }.read(&finished));
    }
    let pylock = Pylock::open(&output).map_err(|why| PipError::Pylock {
        file: request.file.to_owned(),
        version: uv.version().to_owned(),
        why: masks.clean(&why),
    })?;
    let choice = Choice { request, hashes: &requirements.hashes, base, stubs: &stubs.folder };
    let mut chosen = Vec::new();
    for entry in &pylock.packages {
        chosen.extend(choice.of(entry)?);
    }
    let said = warnings(&finished.stderr);
    Ok((chosen, said.iter().map(|warning| explained(&masks.clean(&stubs.named(warning)))).collect()))
}

fn arguments(
    request: &PipRequest<'_>,
    cache: &Path,
    platform: &str,
    stubs: &Stubs,
    output: &Path,
) -> Vec<OsString> {
    let python = request.target.python_version();
    let mut arguments: Vec<OsString> =
        ["pip", "compile", "-", "--format", "pylock.toml", "--no-header", "--no-universal"]
            .into_iter()
            .chain(["--generate-hashes", "--no-progress", "--color", "never"])
            .chain(["--python-version", &python, "--python-platform", platform])
            .map(OsString::from)
            .collect();
    arguments.extend(["--output-file".into(), output.into(), "--cache-dir".into(), cache.join("uv").into()]);
    if !request.installed.is_empty() {
        arguments.extend(["--constraints".into(), stubs.constraints.clone().into()]);
        // Constraints on the command line hide those of the variable.
        let more =
            request.variables.get("UV_CONSTRAINT").into_iter().flat_map(|files| files.split_whitespace());
        arguments.extend(more.flat_map(|file| ["--constraints".into(), file.into()]));
    }
    if request.no_build {
        arguments.push("--no-build".into());
    }
    if request.offline {
        arguments.push("--offline".into());
    }
    arguments
}

/// That code of distributions may have run here, where there are some that have no wheel.
fn without_wheel(request: &PipRequest<'_>, packages: &[PipPackage]) -> Option<String> {
    let mut sources = packages.iter().filter(|package| !package.is_wheel() && !request.no_build);
    let first = &sources.next()?.name;
    let more = match sources.count() {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    Some(format!(
        "there is no wheel of {first}{more}: uv may have run its build on this machine to learn what it depends on; \
         --no-build refuses that"
    ))
}

/// What a person should know of the result.
fn remarks(request: &PipRequest<'_>, chosen: &[Chosen], masks: &Masks) -> Vec<String> {
    let mut remarks = Vec::new();
    for Chosen { package, editable } in chosen {
        if *editable {
            let name = &package.name;
            remarks.push(format!(
                "{name} is asked for as editable (-e); the image gets a copy of it as it is now"
            ));
        }
        let url = match &package.source {
            PipSource::Wheel { url, .. } | PipSource::Sdist { url, .. } | PipSource::Git { url, .. } => url,
            PipSource::Folder { .. } => continue,
        };
        if let Some(variable) = masks.in_path(url) {
            let shown = mask_urls(&masks.clean(url.as_str()));
            remarks.push(format!(
                "the address of {} holds the value of {variable} ({shown}), which so gets into the lock; if it is a secret, give it as \
                 user and password (https://USER:PASSWORD@…)",
                package.name
            ));
        }
        if request.target.free_threaded
            && !package.is_wheel()
            && !matches!(package.source, PipSource::Folder { .. })
        {
            remarks.push(format!(
                "there may be a wheel of {} that uv does not see: it cannot look for those of a python without the global lock",
                package.name
            ));
        }
    }
    remarks
}
