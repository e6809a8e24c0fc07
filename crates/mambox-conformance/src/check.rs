//! What a check is.

/// Words of a command or lines of a Dockerfile, in which [`Programs`](crate::Programs) fill in `{show}`, `{name}`,
/// `{script}` and `{user}`.
pub type Words = &'static [&'static str];

/// A way into a container, and by what the environment has to be active there.
#[derive(Debug)]
pub struct Check {
    /// The way as people type it, with `PROGRAM` for what they run. Unique.
    pub name: &'static str,
    /// The way as it is gone.
    pub entry: Entry,
    /// What the base must have for it.
    pub needs: Need,
    /// In an image of `mambox build`; none where there is nothing to go through.
    pub built: Option<By>,
    /// In an image of the micromamba family; none where nothing is promised.
    pub family: Option<By>,
}

/// How a program is started that shows its environment.
#[derive(Debug)]
pub enum Entry {
    /// A new container.
    Run {
        /// Of the engine's `run`.
        options: Words,
        /// Behind the image's name.
        command: Words,
    },
    /// Another program in a container that runs already.
    Exec {
        /// Of the engine's `exec`.
        options: Words,
        /// Behind the container's name.
        command: Words,
    },
    /// A new container, without further words, of an image with these instructions on top.
    Derived(Words),
    /// The step of a Dockerfile that writes what it sees to `/tmp/seen`, with the instructions before it.
    Step(Words),
}

/// What a base must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// No program at all.
    Nothing,
    /// A POSIX shell as `/bin/sh`, `cat` and `env`.
    Sh,
    /// `su`.
    Su,
    /// bash.
    Bash,
    /// `useradd`, or `adduser` as busybox has it.
    UserAdd,
    /// `usermod` and `groupmod`.
    UserMod,
}

impl Need {
    /// Its names, as people say what is missing.
    pub fn text(self) -> &'static str {
        match self {
            Self::Nothing => "program",
            Self::Sh => "/bin/sh",
            Self::Su => "su",
            Self::Bash => "bash",
            Self::UserAdd => "useradd or adduser",
            Self::UserMod => "usermod and groupmod",
        }
    }
}

/// What makes the environment active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The variables in the image's configuration.
    ImageEnv,
    /// `/etc/profile.d/mambox.sh`, beside them.
    LoginScript,
    /// `_entrypoint.sh`.
    Entrypoint,
    /// `.bashrc`, which sources `_activate_current_env.sh`.
    Bashrc,
    /// `_dockerfile_shell.sh`, as the image's `SHELL`.
    DockerfileShell,
    /// Nothing does: the environment is not active.
    Nothing,
}

impl By {
    /// As the book says it: a file's path or name, or words.
    pub fn text(self) -> &'static str {
        match self {
            Self::ImageEnv => "the image's variables",
            Self::LoginScript => "/etc/profile.d/mambox.sh",
            Self::Entrypoint => "_entrypoint.sh",
            Self::Bashrc => ".bashrc",
            Self::DockerfileShell => "_dockerfile_shell.sh",
            Self::Nothing => "not active",
        }
    }
}

/// How an image is made active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// As `mambox build` does it: in the image's configuration.
    Built,
    /// As the images of micromamba's family do it: by an entrypoint.
    Micromamba,
}

impl Check {
    /// By what the environment is active in such an image; none where the way does not lead there.
    pub fn by(&self, family: Family) -> Option<By> {
        match family {
            Family::Built => self.built,
            Family::Micromamba => self.family,
        }
    }

    /// Whether the image's own entrypoint, where it has one, starts the program: what only scripts at the start can
    /// set is there. None where it starts it, but something between may change what was set.
    pub fn passes_entrypoint(&self) -> Option<bool> {
        let (options, words): (Words, Words) = match &self.entry {
            Entry::Run { options, command } => (options, command),
            Entry::Derived(instructions) => (&[], instructions),
            Entry::Exec { .. } | Entry::Step(_) => return Some(false),
        };
        let replaced =
            options.contains(&"--entrypoint") || words.iter().any(|word| word.starts_with("ENTRYPOINT"));
        let skipped = options.contains(&"MAMBA_SKIP_ACTIVATE=1");
        match replaced || skipped {
            true => Some(false),
            false if self.needs == Need::Su => None,
            false => Some(true),
        }
    }
}
