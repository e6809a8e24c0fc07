//! An engine's command: found, asked, run.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output, Stdio};

use mambox_oci::Platform;

use super::{EngineChoice, EngineError, EngineSettings};

/// The most of a command's messages that is kept.
const LONGEST: u64 = 64 << 10;

/// An engine that answered.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    pub(crate) choice: EngineChoice,
    program: PathBuf,
    host: Option<String>,
    /// What it runs, where it says so.
    pub(crate) platform: Option<Platform>,
}

impl Engine {
    /// Finds the engine that is asked for. Blocks while the command runs.
    pub(crate) fn find(settings: &EngineSettings) -> Result<Self, EngineError> {
        match settings.engine {
            EngineChoice::Auto => Self::probe(settings, EngineChoice::Docker).or_else(|docker| {
                Self::probe(settings, EngineChoice::Podman).map_err(|podman| neither(docker, podman))
            }),
            choice => Self::probe(settings, choice),
        }
    }

    fn probe(settings: &EngineSettings, choice: EngineChoice) -> Result<Self, EngineError> {
        let podman = choice == EngineChoice::Podman;
        let program = if podman { &settings.podman } else { &settings.docker };
        let host = settings.docker_host.clone().filter(|_| !podman);
        let mut engine = Self { choice, program: program.clone(), host, platform: None };
        // Both need whatever does the work, not only the command, to answer this.
        let question = match podman {
            true => ["info", "--format", "{{.Host.OS}}/{{.Host.Arch}}"],
            false => ["version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"],
        };
        let output = engine.command(question).stdin(Stdio::null()).output().map_err(|e| engine.pipe(e))?;
        if !output.status.success() {
            return Err(EngineError::NotRunning { program: engine.name(), said: last_words(&output.stderr) });
        }
        engine.platform = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
        Ok(engine)
    }

    /// How the command is called in messages.
    pub(crate) fn name(&self) -> String {
        self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy().into_owned()
    }

    /// A command line of the engine.
    pub(crate) fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
        }
        command.args(arguments);
        command
    }

    /// The engine's ID of an image, without `sha256:`; none if it has no such image.
    pub(crate) fn image_id(&self, name: &str) -> Result<Option<String>, EngineError> {
        let arguments = ["image", "inspect", "--format", "{{.Id}}", "--", name];
        let output = self.command(arguments).stdin(Stdio::null()).output().map_err(|e| self.pipe(e))?;
        if output.status.success() {
            let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            return Ok(Some(id.strip_prefix("sha256:").unwrap_or(&id).to_owned()));
        }
        let said = String::from_utf8_lossy(&output.stderr).to_ascii_lowercase();
        match ["no such image", "not known", "not found"].iter().any(|phrase| said.contains(phrase)) {
            true => Ok(None),
            false => Err(self.failed("image inspect", &output)),
        }
    }

    /// The error of a command that ended badly.
    pub(crate) fn failed(&self, what: &str, output: &Output) -> EngineError {
        self.ended(what, output.status, &output.stderr)
    }

    pub(crate) fn ended(&self, what: &str, status: ExitStatus, stderr: &[u8]) -> EngineError {
        EngineError::Failed {
            command: format!("{} {what}", self.name()),
            status: status.to_string(),
            said: last_words(stderr),
        }
    }

    /// The error of a command that cannot be run or written to.
    pub(crate) fn pipe(&self, source: io::Error) -> EngineError {
        match source.kind() {
            io::ErrorKind::NotFound => EngineError::Missing {
                program: self.program.display().to_string(),
                engine: if self.choice == EngineChoice::Podman { "podman" } else { "Docker" },
            },
            _ => EngineError::Pipe { program: self.name(), source },
        }
    }
}

fn neither(docker: EngineError, podman: EngineError) -> EngineError {
    match (docker, podman) {
        (EngineError::Missing { .. }, EngineError::Missing { .. }) => {
            EngineError::Missing { program: "docker' or 'podman".into(), engine: "Docker or podman" }
        }
        // Whoever has only one of them wants to know about that one.
        (docker, EngineError::Missing { .. }) => docker,
        (EngineError::Missing { .. }, podman) => podman,
        (docker, podman) => EngineError::None { docker: docker.to_string(), podman: podman.to_string() },
    }
}

/// Reads what a command prints, keeping the beginning and discarding what is too much.
pub(crate) fn drain(mut stream: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    // A pipe that breaks is an end like any other.
    let _ = stream.by_ref().take(LONGEST).read_to_end(&mut kept);
    let _ = io::copy(&mut stream, &mut io::sink());
    kept
}

/// The last lines that a command printed, on one line.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(4)..].join("; ");
    let clean: String = last.chars().filter(|c| !c.is_control()).take(600).collect();
    if clean.is_empty() { "it says nothing".into() } else { clean }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn settings(folder: &std::path::Path, engine: EngineChoice) -> EngineSettings {
        let (docker, podman) = (folder.join("docker"), folder.join("podman"));
        EngineSettings { engine, docker, podman, docker_host: None }
    }

    fn script(folder: &std::path::Path, name: &str, body: &str) {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn found(folder: &std::path::Path, engine: EngineChoice) -> String {
        match Engine::find(&settings(folder, engine)) {
            Ok(engine) => format!("{} {:?}", engine.name(), engine.platform.map(|p| p.to_string())),
            Err(error) => error.to_string().replace(&folder.display().to_string(), "…"),
        }
    }

    #[test]
    fn what_is_missing_or_down_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        insta::assert_snapshot!(found(folder, EngineChoice::Docker), @"there is no command '…/docker': install Docker, or write a file (-o FILE.tar) and load it where there is one");
        insta::assert_snapshot!(found(folder, EngineChoice::Auto), @"there is no command 'docker' or 'podman': install Docker or podman, or write a file (-o FILE.tar) and load it where there is one");
        script(folder, "docker", "echo Cannot connect to the Docker daemon >&2; exit 1");
        insta::assert_snapshot!(found(folder, EngineChoice::Auto), @"docker does not answer: Cannot connect to the Docker daemon; start it, choose another engine, or write a file (-o FILE.tar)");
        script(folder, "podman", "echo linux/arm64");
        insta::assert_snapshot!(found(folder, EngineChoice::Auto), @r#"podman Some("linux/arm64")"#);
        script(folder, "podman", "exit 125");
        insta::assert_snapshot!(found(folder, EngineChoice::Auto), @"no container engine can be used. Docker: docker does not answer: Cannot connect to the Docker daemon; start it, choose another engine, or write a file (-o FILE.tar). podman: podman does not answer: it says nothing; start it, choose another engine, or write a file (-o FILE.tar)");
    }
}
