//! Ways into an image with Apptainer.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::check::{Need, Words};
use crate::command;
use crate::error::EngineError;
use crate::perform::Programs;
use crate::reading::Reading;
use crate::words::fill;

/// A first conversion of an image takes longest.
const LIMIT: Duration = Duration::from_secs(600);

/// A way in, in which the environment has to be active.
#[derive(Clone, Copy, Debug)]
pub struct ApptainerCheck {
    /// The way as people type it. Unique.
    pub name: &'static str,
    /// Variables of the host.
    pub host: &'static [(&'static str, &'static str)],
    /// What a `.bashrc` in the home folder says.
    pub bashrc: &'static str,
    /// Of Apptainer's command.
    pub options: Words,
    /// What is done.
    pub action: Action,
    /// What the base must have for it.
    pub needs: Need,
    /// Variables that have these values although the environment's, or nothing at all, would be expected.
    pub instead: &'static [(&'static str, &'static str)],
}

/// Apptainer's commands.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// `exec IMAGE WORDS`
    Exec(Words),
    /// `run IMAGE WORDS`
    Run(Words),
    /// `shell IMAGE`, in which this is typed.
    Shell(&'static str),
}

use Action::{Exec, Run, Shell};

/// Another environment on the host.
const CONDA: &[(&str, &str)] = &[
    ("CONDA_PREFIX", "/host/conda"),
    ("CONDA_DEFAULT_ENV", "host"),
    ("CONDA_SHLVL", "2"),
    ("PYTHONPATH", "/host/python"),
    ("PYTHONHOME", "/host"),
];

/// What a host's environment must not leave in the image's: empty is as good as unset.
const CLEAN: &[(&str, &str)] = &[("PYTHONPATH", ""), ("PYTHONHOME", "")];

/// Every way that is tried; the book's table has the same rows.
pub const APPTAINER_CHECKS: &[ApptainerCheck] = &[
    check("exec IMAGE PROGRAM", Exec(&["{show}"])),
    check("exec IMAGE PROGRAM, found on the PATH", Exec(&["{name}"])),
    check("exec IMAGE sh -c PROGRAM", Exec(&["sh", "-c", "{show}"])).needs(Need::Sh),
    check("exec IMAGE bash -lc PROGRAM", Exec(&["bash", "-lc", "{show}"])).needs(Need::Bash),
    check("exec --cleanenv IMAGE PROGRAM", Exec(&["{show}"])).options(&["--cleanenv"]),
    check("exec --containall IMAGE PROGRAM", Exec(&["{show}"])).options(&["--containall"]),
    check("exec --no-home IMAGE PROGRAM", Exec(&["{show}"])).options(&["--no-home"]),
    check("exec --nv IMAGE PROGRAM", Exec(&["{show}"])).options(&["--nv"]),
    check("exec IMAGE PROGRAM, another environment active on the host", Exec(&["{show}"]))
        .host(CONDA)
        .instead(CLEAN),
    check("exec --env NAME=VALUE IMAGE PROGRAM", Exec(&["{show}"]))
        .host(CONDA)
        .options(&["--env", "CONDA_DEFAULT_ENV=mine,PYTHONPATH=/mine"])
        .instead(&[("CONDA_DEFAULT_ENV", "mine"), ("PYTHONPATH", "/mine")]),
    check("APPTAINERENV_NAME=VALUE, exec IMAGE PROGRAM", Exec(&["{show}"]))
        .host(&[("APPTAINERENV_CONDA_DEFAULT_ENV", "mine")])
        .instead(&[("CONDA_DEFAULT_ENV", "mine")]),
    check("run IMAGE PROGRAM", Run(&["{show}"])).needs(Need::Sh),
    check("run IMAGE PROGRAM, found on the PATH", Run(&["{name}"])).needs(Need::Sh),
    check("run --containall IMAGE PROGRAM", Run(&["{show}"])).options(&["--containall"]).needs(Need::Sh),
    check("shell IMAGE, in it PROGRAM", Shell("{show}")).needs(Need::Sh),
    check("shell IMAGE, in it PROGRAM; a .bashrc activates another environment", Shell("{show}"))
        .bashrc("export CONDA_PREFIX=/host/conda PATH=/host/conda/bin:$PATH\n")
        .needs(Need::Bash),
    check("shell IMAGE, in it PROGRAM; another environment active on the host", Shell("{show}"))
        .host(CONDA)
        .instead(CLEAN)
        .needs(Need::Sh),
];

const fn check(name: &'static str, action: Action) -> ApptainerCheck {
    ApptainerCheck { name, host: &[], bashrc: "", options: &[], action, needs: Need::Nothing, instead: &[] }
}

impl ApptainerCheck {
    const fn host(mut self, host: &'static [(&'static str, &'static str)]) -> Self {
        self.host = host;
        self
    }

    const fn bashrc(mut self, bashrc: &'static str) -> Self {
        self.bashrc = bashrc;
        self
    }

    const fn options(mut self, options: Words) -> Self {
        self.options = options;
        self
    }

    const fn needs(mut self, needs: Need) -> Self {
        self.needs = needs;
        self
    }

    const fn instead(mut self, instead: &'static [(&'static str, &'static str)]) -> Self {
        self.instead = instead;
        self
    }
}

/// Apptainer on this machine, with a home and a cache of the test's own.
#[derive(Debug)]
pub struct Apptainer {
    folder: PathBuf,
}

impl Apptainer {
    /// Keeps what it needs in a folder that is there.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Whether it is there and can run a program of an image: a SIF file, or whatever it takes for one.
    pub fn works(&self, image: &str, program: &str) -> Result<(), EngineError> {
        self.call(&["exec", image, program], &[], "").map(|_| ())
    }

    /// Standard output of one of its commands, with such variables on the host and such words typed.
    pub fn call(
        &self,
        arguments: &[&str],
        host: &[(&str, &str)],
        typed: &str,
    ) -> Result<String, EngineError> {
        let mut command = Command::new("apptainer");
        command.args(["--silent"]).args(arguments).envs(host.iter().copied());
        command.env("APPTAINER_CACHEDIR", self.folder.join("cache"));
        command.env("APPTAINER_TMPDIR", &self.folder);
        command::ended("apptainer", &mut command, typed, LIMIT)?.into_stdout()
    }

    /// Enters an image the way that a check says, and reads the environment there.
    pub fn perform(
        &self,
        check: &ApptainerCheck,
        image: &str,
        programs: &Programs<'_>,
    ) -> Result<Reading, EngineError> {
        let home = self.folder.join("home");
        let bashrc =
            std::fs::create_dir_all(&home).and_then(|()| std::fs::write(home.join(".bashrc"), check.bashrc));
        bashrc.map_err(|source| EngineError::Io { command: "apptainer".into(), source })?;
        let home = home.display().to_string();
        let (name, words, typed) = match check.action {
            Exec(words) => ("exec", fill(words, programs), String::new()),
            Run(words) => ("run", fill(words, programs), String::new()),
            Shell(typed) => ("shell", Vec::new(), fill(&[typed], programs).concat() + "\n"),
        };
        let mut arguments = vec![name];
        // What is left out of the container cannot be put somewhere in it.
        if !check.options.contains(&"--no-home") {
            arguments.extend(["--home", &home]);
        }
        arguments.extend(check.options);
        arguments.push(image);
        arguments.extend(words.iter().map(String::as_str));
        Ok(Reading::new(&self.call(&arguments, check.host, &typed)?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = APPTAINER_CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), APPTAINER_CHECKS.len());
    }
}
