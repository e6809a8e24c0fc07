//! Ways into an image with Apptainer.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::check::{Need, Words};
use crate::command;
use crate::error::EngineError;
use crate::expectation::{Expectation, Value};
use crate::perform::Programs;
use crate::reading::Reading;
use crate::words::fill;

/// A first conversion of an image takes longest.
const LIMIT: Duration = Duration::from_secs(600);

/// A way in, and which environment has to be active in it.
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
    /// The environment that is active then: `base`, or another that only images of several have; none where none is.
    pub active: Option<&'static str>,
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
    check("apptainer exec IMAGE PROGRAM", Exec(&["{show}"])),
    check("apptainer exec IMAGE PROGRAM, found on the PATH", Exec(&["{name}"])),
    check("apptainer exec IMAGE sh -c PROGRAM", Exec(&["sh", "-c", "{show}"])).needs(Need::Sh),
    check("apptainer exec IMAGE bash -lc PROGRAM", Exec(&["bash", "-lc", "{show}"])).needs(Need::Bash),
    check("apptainer exec --cleanenv IMAGE PROGRAM", Exec(&["{show}"])).options(&["--cleanenv"]),
    check("apptainer exec --containall IMAGE PROGRAM", Exec(&["{show}"])).options(&["--containall"]),
    check("apptainer exec --no-home IMAGE PROGRAM", Exec(&["{show}"])).options(&["--no-home"]),
    check("apptainer exec --nv IMAGE PROGRAM", Exec(&["{show}"])).options(&["--nv"]),
    check("apptainer exec IMAGE PROGRAM, another environment active on the host", Exec(&["{show}"]))
        .host(CONDA)
        .instead(CLEAN),
    check("apptainer exec --env NAME=VALUE IMAGE PROGRAM", Exec(&["{show}"]))
        .host(CONDA)
        .options(&["--env", "CONDA_DEFAULT_ENV=mine,PYTHONPATH=/mine"])
        .instead(&[("CONDA_DEFAULT_ENV", "mine"), ("PYTHONPATH", "/mine")]),
    check("APPTAINERENV_NAME=VALUE apptainer exec IMAGE PROGRAM", Exec(&["{show}"]))
        .host(&[("APPTAINERENV_CONDA_DEFAULT_ENV", "mine")])
        .instead(&[("CONDA_DEFAULT_ENV", "mine")]),
    check("apptainer exec --env ENV_NAME=env2 IMAGE PROGRAM", Exec(&["{show}"]))
        .options(&["--env", "ENV_NAME=env2"])
        .active("env2"),
    check("APPTAINERENV_ENV_NAME=env2 apptainer run IMAGE PROGRAM", Run(&["{show}"]))
        .host(&[("APPTAINERENV_ENV_NAME", "env2")])
        .needs(Need::Sh)
        .active("env2"),
    check("APPTAINERENV_ENV_NAME=env2 apptainer shell IMAGE, in it PROGRAM", Shell("{show}"))
        .host(&[("APPTAINERENV_ENV_NAME", "env2")])
        .needs(Need::Sh)
        .active("env2"),
    check("apptainer exec --env MAMBA_SKIP_ACTIVATE=1 IMAGE PROGRAM", Exec(&["{show}"]))
        .host(CONDA)
        .options(&["--env", "MAMBA_SKIP_ACTIVATE=1"])
        .instead(CLEAN)
        .not_active(),
    check("APPTAINERENV_MAMBA_SKIP_ACTIVATE=1 apptainer run IMAGE PROGRAM", Run(&["{show}"]))
        .host(&[("APPTAINERENV_MAMBA_SKIP_ACTIVATE", "1")])
        .needs(Need::Sh)
        .not_active(),
    check("apptainer run IMAGE PROGRAM", Run(&["{show}"])).needs(Need::Sh),
    check("apptainer run IMAGE PROGRAM, found on the PATH", Run(&["{name}"])).needs(Need::Sh),
    check("apptainer run --containall IMAGE PROGRAM", Run(&["{show}"]))
        .options(&["--containall"])
        .needs(Need::Sh),
    check("apptainer shell IMAGE, in it PROGRAM", Shell("{show}")).needs(Need::Sh),
    check("apptainer shell IMAGE, in it PROGRAM; a .bashrc activates another environment", Shell("{show}"))
        .bashrc("export CONDA_PREFIX=/host/conda PATH=/host/conda/bin:$PATH\n")
        .needs(Need::Bash),
    check("apptainer shell IMAGE, in it PROGRAM; another environment active on the host", Shell("{show}"))
        .host(CONDA)
        .instead(CLEAN)
        .needs(Need::Sh),
];

pub(crate) const fn check(name: &'static str, action: Action) -> ApptainerCheck {
    ApptainerCheck {
        name,
        host: &[],
        bashrc: "",
        options: &[],
        action,
        needs: Need::Nothing,
        active: Some("base"),
        instead: &[],
    }
}

impl ApptainerCheck {
    /// What is wrong with what was found, where this is to be seen of an active environment.
    pub fn faults(&self, expectation: &Expectation, reading: &Reading) -> Vec<String> {
        let (given, empty): (Vec<_>, Vec<_>) = self.instead.iter().partition(|(_, value)| !value.is_empty());
        let mut wrong = match self.active {
            None => expectation.left_in(reading),
            Some(_) => {
                let mut expectation = expectation.clone();
                let given =
                    given.into_iter().map(|(name, value)| ((*name).into(), Value::Is((*value).into())));
                expectation.set.extend(given);
                expectation.missing_in(reading)
            }
        };
        // Empty is as good as unset.
        for (name, _) in empty {
            if let Some(value) = reading.value(name).filter(|value| !value.is_empty()) {
                wrong.push(format!("{name} is {value:?}, not empty"));
            }
        }
        wrong
    }

    const fn active(mut self, name: &'static str) -> Self {
        self.active = Some(name);
        self
    }

    const fn not_active(mut self) -> Self {
        self.active = None;
        self
    }

    const fn host(mut self, host: &'static [(&'static str, &'static str)]) -> Self {
        self.host = host;
        self
    }

    const fn bashrc(mut self, bashrc: &'static str) -> Self {
        self.bashrc = bashrc;
        self
    }

    pub(crate) const fn options(mut self, options: Words) -> Self {
        self.options = options;
        self
    }

    pub(crate) const fn needs(mut self, needs: Need) -> Self {
        self.needs = needs;
        self
    }

    const fn instead(mut self, instead: &'static [(&'static str, &'static str)]) -> Self {
        self.instead = instead;
        self
    }
}

/// Apptainer on this machine, with a home and a cache of the test's own.
#[derive(Debug, Clone)]
pub struct Apptainer {
    folder: PathBuf,
    /// Who runs it, by UID and GID; whoever runs this where none is said.
    user: Option<u32>,
}

impl Apptainer {
    /// Keeps what it needs in a folder that is there.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), user: None }
    }

    /// The same run by another user, at home in this folder, which must be open to all. Only root can do that.
    pub fn run_by(&self, user: u32) -> Self {
        Self { user: Some(user), ..self.clone() }
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
        // Local registries have no certificates.
        command.env("APPTAINER_NOHTTPS", "1");
        command.env("APPTAINER_CACHEDIR", self.folder.join("cache"));
        command.env("APPTAINER_TMPDIR", &self.folder);
        if let Some(user) = self.user {
            command.uid(user).gid(user).env("HOME", &self.folder);
        }
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
