//! The backend's hooks, called in the sandbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mambox_sandbox::{Bind, Limits, SandboxError};
use serde::Deserialize;
use serde_json::json;

use super::error::SdistProblem;
use super::ground::Ground;
use super::project::Project;
use super::requirements::Wishes;
use super::workshop::{self, inside};
use crate::BuildError;
use crate::cancel::Cancelled;
use crate::sandboxed::{self, Run, Sandboxed};

/// What python is told to do.
const WORKER: &str = include_str!("worker.py");
/// For one hook. Backends that compile are chatty.
const LIMITS: Limits = Limits { time: Duration::from_secs(60 * 60), stdout: 16 << 20, stderr: 64 << 20 };
/// Neither root nor anybody.
const ID: u32 = 57_001;

/// Calls hooks. Built before a thread takes it along.
pub(super) struct Driver {
    /// The image's files, which stay as they are.
    pub(super) files: PathBuf,
    sandbox: Sandboxed,
    program: String,
    env: mambox_activate::Environment,
    site: Option<String>,
}

/// The worker's last line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Missing { missing: String },
    Wheel { wheel: String },
    Wishes(Box<Wishes>),
}

impl Driver {
    /// On an image whose files are unpacked.
    pub(super) fn new(
        sandbox: Sandboxed,
        files: PathBuf,
        version: Option<&str>,
        ground: &Ground<'_>,
    ) -> Self {
        let program = format!("{}/bin/python{}", ground.prefix, ground.target.python_version());
        Self {
            files,
            sandbox,
            program,
            env: workshop::environment(ground, version),
            site: workshop::site_inside(ground),
        }
    }

    /// What the backend wants besides `requires`, and what there is.
    pub(super) fn wishes(&self, call: &Call<'_>) -> Result<Wishes, SdistProblem> {
        match self.call("requires", call)? {
            Answer::Wishes(wishes) => Ok(*wishes),
            Answer::Missing { .. } | Answer::Wheel { .. } => {
                Err(call.failed("gives an odd answer", String::new()))
            }
        }
    }

    /// The file name of the wheel, as the backend tells it.
    pub(super) fn wheel(&self, call: &Call<'_>) -> Result<String, SdistProblem> {
        match self.call("wheel", call)? {
            Answer::Wheel { wheel } => Ok(wheel),
            _ => Err(call.failed("gives an odd answer", String::new())),
        }
    }

    fn call(&self, hook: &str, call: &Call<'_>) -> Result<Answer, SdistProblem> {
        let project = call.project;
        let asked = json!({
            "hook": hook,
            "backend": project.backend,
            "backend_path": project.backend_path,
            "source": call.folder,
            "out": inside("out"),
            "site": self.site,
        });
        let run = Run {
            program: self.program.clone(),
            arguments: ["-s", "-B", "-u", "-c", WORKER]
                .map(str::to_owned)
                .into_iter()
                .chain([asked.to_string()])
                .collect(),
            env: self.env.clone(),
            folder: inside("sources"),
            host: "localhost".into(),
            id: ID,
            writable: false,
            binds: call.binds.to_vec(),
            limits: LIMITS,
        };
        let finished = self.sandbox.run(&self.files, &run, call.cancelled).map_err(of_sandbox)?;
        let last =
            finished.output().trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        match serde_json::from_slice(last) {
            Ok(Answer::Missing { missing }) => {
                Err(SdistProblem::NoBackend { backend: project.backend.clone(), module: one_line(&missing) })
            }
            Ok(answer) if finished.success() => Ok(answer),
            _ => Err(call.failed(&finished.how(), finished.last_lines())),
        }
    }
}

/// What a hook is called for.
pub(super) struct Call<'a> {
    /// How the project is built.
    pub(super) project: &'a Project,
    /// The project's folder, inside.
    pub(super) folder: String,
    /// What of this machine is seen.
    pub(super) binds: &'a [Bind],
    /// Whether anybody waits.
    pub(super) cancelled: &'a Cancelled,
}

impl<'a> Call<'a> {
    /// On what a workshop has.
    pub(super) fn new(
        project: &'a Project,
        subdirectory: Option<&str>,
        binds: &'a [Bind],
        cancelled: &'a Cancelled,
    ) -> Self {
        let below = |folder| Path::new(&inside("sources")).join(folder).display().to_string();
        let folder = subdirectory.map_or_else(|| inside("sources"), below);
        Self { project, folder, binds, cancelled }
    }

    fn failed(&self, how: &str, output: String) -> SdistProblem {
        SdistProblem::Backend { backend: self.project.backend.clone(), how: how.to_owned(), output }
    }
}

/// What a machine cannot do is told apart from what a backend does.
pub(super) fn of_sandbox(error: BuildError) -> SdistProblem {
    match error {
        BuildError::CannotRun { program, said, platform, .. } => SdistProblem::CannotRun(format!(
            "{program} of the environment, which is for {platform}, does not start on this base and machine ({said})"
        )),
        BuildError::Sandbox { source: SandboxError::TimedOut { limit, stderr, .. }, .. } => {
            SdistProblem::TimedOut { minutes: limit.as_secs() / 60, output: sandboxed::last_lines(&stderr) }
        }
        BuildError::Sandbox { source, .. } => SdistProblem::Sandbox(source.to_string()),
        other => SdistProblem::Sandbox(other.to_string()),
    }
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_cannot_do_is_no_fault_of_the_backend() {
        let sandbox = |source| BuildError::Sandbox { what: "python".into(), source };
        let program = "/opt/env/bin/python3.13".to_owned();
        let stderr = b"compiling a.c\ncompiling b.c\n".to_vec();
        let late = SandboxError::TimedOut { program: program.clone(), limit: LIMITS.time, stderr };
        let cannot = BuildError::CannotRun {
            what: "python".into(),
            program,
            platform: "linux/arm64".into(),
            said: "Exec format error".into(),
        };
        let told = [sandbox(late), sandbox(SandboxError::NotFound), cannot].map(|error| {
            let error = of_sandbox(error).of("tool");
            format!("{:?}: {error}\n  {}", error.kind(), error.hint().expect("advice"))
        });
        insta::assert_snapshot!(told.join("\n"), @r"
        System: cannot build a wheel of tool: its build backend takes longer than 60 minutes; its last words:
        compiling a.c
        compiling b.c
          use a version that has a wheel, or a conda package
        System: cannot build a wheel of tool: no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap` or `apk add bubblewrap`)
          build on a machine with a sandbox, or use a version that has a wheel
        Unsupported: cannot build a wheel of tool: /opt/env/bin/python3.13 of the environment, which is for linux/arm64, does not start on this base and machine (Exec format error)
          choose a base and a machine on which it runs; or build for this machine's platform first, with the same lock and cache: a wheel for all platforms is then taken from there
        ");
    }
}
