//! What a check of an image is.

use crate::apptainer::ApptainerCheck;
use crate::check::{Check, Need, Words};

/// One promise of an image of the family, and how it is tried.
///
/// In the words and texts, beside what [`Programs`](crate::Programs) fill in, `{prefix}` is the root prefix, `{home}` the
/// home folder of the image's account, and `{channel}` a channel with one package, as a URL.
#[derive(Clone, Copy, Debug)]
pub struct FamilyCheck {
    /// What is promised, or the way in as people type it. Unique.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// What the image must have for it.
    pub needs: &'static [Need],
    /// How it is looked at.
    pub look: Look,
    /// What must be seen; all of it.
    pub expects: &'static [Expect],
}

/// What a check is about. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The image's configuration.
    Configuration,
    /// Files, accounts and rights.
    Files,
    /// The ways into a container, as in [`CHECKS`](crate::CHECKS).
    WaysIn,
    /// What the entrypoint does beside activating.
    Entrypoint,
    /// Interactive shells.
    Shells,
    /// `RUN`.
    Dockerfile,
    /// Accounts of derived images.
    Users,
    /// The package manager.
    Micromamba,
    /// The programs, copied into another image.
    Foreign,
    /// Apptainer's ways in.
    Apptainer,
}

impl Group {
    /// One or two words for people and machines.
    pub fn text(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Files => "files",
            Self::WaysIn => "ways in",
            Self::Entrypoint => "entrypoint",
            Self::Shells => "shells",
            Self::Dockerfile => "Dockerfile",
            Self::Users => "users",
            Self::Micromamba => "micromamba",
            Self::Foreign => "foreign image",
            Self::Apptainer => "Apptainer",
        }
    }
}

/// Where and how a check looks.
#[derive(Clone, Copy, Debug)]
pub enum Look {
    /// At a variable of the image's configuration.
    Variable(&'static str, Ought),
    /// At another field of the configuration, which has this value (JSON).
    Setting(&'static str, &'static str),
    /// Runs a POSIX shell text in the image itself, without its entrypoint. Each line that it prints is a fault.
    Inside {
        /// As this user.
        by: Who,
        /// The text. It sees the image's variables.
        script: &'static str,
    },
    /// At the rights to a path of the image itself.
    Access {
        /// This user's.
        by: Who,
        /// Absolute, with variables as in a shell.
        path: &'static str,
        /// Of `r`, `w` and `x`.
        rights: &'static str,
    },
    /// Goes a way in.
    Way(&'static Check),
    /// Starts a container of the image itself.
    Itself(Start),
    /// Starts a container with the probe in it.
    Run(Start),
    /// Starts a container of an image with these instructions on top of the probe's.
    Derived(Words, Start),
    /// Builds with these instructions on top of the probe's, and must fail at the last by the exit status 1.
    FailingBuild(Words),
    /// Runs a command through the entrypoint and without it: both must print the same.
    LikeWithoutEntrypoint(Words),
    /// Starts a container of another image into which the programs were copied, one by one.
    Foreign(Words, Start),
    /// Enters with Apptainer.
    Apptainer(ApptainerCheck),
}

/// How a container is started.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Of the engine's `run`.
    pub options: Words,
    /// Behind the image's name.
    pub command: Words,
    /// What it reads.
    pub typed: &'static str,
}

/// What a variable of the configuration has to be.
#[derive(Clone, Copy, Debug)]
pub enum Ought {
    /// This value.
    Is(&'static str),
    /// Anything but empty.
    Set,
    /// A user or group id.
    Number,
    /// What another variable is: unset where that is unset.
    Same(&'static str),
}

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user of the image's configuration.
    Own,
    /// Root.
    Root,
    /// 1001:1001, whom no account file knows.
    Anybody,
}

/// What must be seen of a container. Where nothing says otherwise, it ends well.
#[derive(Clone, Copy, Debug)]
pub enum Expect {
    /// The variables printed are those of this active environment.
    Active(&'static str),
    /// They are those of none.
    NotActive,
    /// They hold this one.
    Sets(&'static str, &'static str),
    /// They do not hold it with this value.
    SetsNot(&'static str, &'static str),
    /// It ends with this exit status.
    Exits(i32),
    /// The output holds this.
    Prints(&'static str),
    /// The output is this, and nothing more but line ends.
    PrintsOnly(&'static str),
    /// The output is a version.
    PrintsVersion,
    /// The errors hold this.
    Complains(&'static str),
    /// A shell prompted, and the prompt begins with this.
    Prompts(&'static str),
}
