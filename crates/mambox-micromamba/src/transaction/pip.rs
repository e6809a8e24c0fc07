//! `pip:` sections: installed by the environment's own pip, or by uv.
//!
//! The requirements go to a file of the temporary folder, not beside the environment file, whose folder may be
//! read-only; the working folder stays that of the environment file, so that relative paths mean the same.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};
use crate::request::PipSection;
use crate::session::Session;

/// Bounds that would show as pip's own confusing failures much later.
pub(crate) fn check_tool(sections: &[PipSection]) -> Outcome {
    let broken =
        sections.iter().flat_map(|section| &section.requirements).find(|line| line.contains(['\n', '\0']));
    match broken {
        Some(line) => Err(Failure::Message(format!("a requirement for pip is more than one line: {line:?}"))),
        None => Ok(()),
    }
}

/// Installs one section.
pub(crate) fn install(session: &Session<'_>, prefix: &Path, section: &PipSection, upgrade: bool) -> Outcome {
    let file = requirements_file(section)?;
    let mut command = command(session, prefix, section, upgrade, file.path())?;
    session.console.say(format!("\nInstalling pip packages: {}", section.requirements.join(", ")));
    let environment = activated(session, prefix)?;
    command.env_clear().envs(environment).current_dir(&section.folder).stdin(Stdio::null());
    if session.console.json {
        // Its words are no JSON.
        command.stdout(Stdio::null());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(Failure::because(format!("cannot run {program}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "pip failed to install packages. The conda packages are installed; mend the requirements and run the same command again \
         ({program} ended with {status})"
    )))
}

fn requirements_file(section: &PipSection) -> Outcome<tempfile::NamedTempFile> {
    let failed =
        || Failure::because("cannot write the requirements for pip to the temporary folder (TMPDIR)");
    let mut file =
        tempfile::Builder::new().prefix("requirements-").suffix(".txt").tempfile().map_err(failed())?;
    let mut text = section.requirements.join("\n");
    text.push('\n');
    file.write_all(text.as_bytes()).map_err(failed())?;
    Ok(file)
}

fn command(
    session: &Session<'_>,
    prefix: &Path,
    section: &PipSection,
    upgrade: bool,
    file: &Path,
) -> Outcome<Command> {
    let bin = prefix.join("bin");
    let uv = bin.join("uv");
    let listed = section.requirements.iter().any(|line| line == "uv");
    let use_uv = (session.settings.use_uv || !bin.join("pip").exists() && !listed) && uv.exists();
    let python = bin.join("python");
    let mut command = if use_uv {
        let mut command = Command::new(uv);
        command.args(["pip", "install", "--python"]).arg(&python);
        command
    } else {
        if !python.exists() {
            return Err(Failure::Message(format!(
                "the file has requirements for pip, but {} has no python: add python and pip to the dependencies",
                prefix.display()
            )));
        }
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--no-input"]);
        command
    };
    if upgrade {
        command.arg("-U");
    }
    if section.locked {
        command.arg("--no-deps");
    }
    if session.console.quiet || session.console.json {
        command.arg("--quiet");
    }
    command.arg("-r").arg(file);
    Ok(command)
}

/// The environment's own variables, so that compilers and their like are found.
fn activated(session: &Session<'_>, prefix: &Path) -> Outcome<BTreeMap<String, String>> {
    crate::activated::environment(session, prefix)
}
