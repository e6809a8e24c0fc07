//! A command's failure, as the person gets to see it.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use mambox_build::BuildError;
use mambox_conformance::EngineError;
use mambox_images::ImagesError;
use mambox_transport::InvalidReference;

use crate::exit::Exit;
use crate::project_file::ProjectFileError;
use crate::terminal::{Style, clean};

/// Why a command gave up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line asks for something that makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to write instead.
        help: Option<String>,
    },
    /// A text that is no image reference.
    #[error(transparent)]
    Reference(#[from] InvalidReference),
    /// The settings file beside the environment.
    #[error(transparent)]
    ProjectFile(#[from] ProjectFileError),
    /// The work itself.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A family of base images.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// A container engine that images are tried in.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// A verb: `read`, `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something of this machine that every command needs.
    #[error("{0}")]
    Machine(String),
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// Whoever read our output went away, which is their right: `mambox inspect x | head`.
    #[error("nobody reads the output")]
    BrokenPipe,
}

impl Failure {
    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// For `map_err`: names the path at which the file system refused.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Reference(_) | Self::ProjectFile(_) => Exit::Input,
            Self::Build(error) => error.kind().into(),
            Self::Images(error) => error.kind().into(),
            Self::Engine(_) => Exit::Unreachable,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Input,
            Self::Io { .. } | Self::Machine(_) => Exit::System,
            Self::Interrupted => Exit::Interrupted,
            Self::BrokenPipe => Exit::Ok,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Usage { help, .. } => help.clone(),
            Self::ProjectFile(error) => error.hint(),
            Self::Build(error) => error.hint(),
            Self::Images(error) => error.hint(),
            _ => None,
        }
    }

    /// The message, its causes and the advice, each free of control characters and credentials.
    pub(crate) fn report(&self) -> FailureReport {
        let message = sanitised(&self.to_string());
        let mut causes: Vec<String> = Vec::new();
        // Many messages quote their cause already; what was said is not said again.
        let mut said = message.clone();
        for cause in std::iter::successors(self.source(), |cause| (*cause).source()) {
            let text = sanitised(&cause.to_string());
            if !text.is_empty() && !said.contains(&text) {
                said = text.clone();
                causes.push(text);
            }
        }
        FailureReport { message, causes, help: self.help().map(|help| sanitised(&help)) }
    }
}

/// A failure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailureReport {
    /// What went wrong.
    pub(crate) message: String,
    /// Why, outermost first.
    pub(crate) causes: Vec<String>,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl FailureReport {
    /// `error: …`, `  because …`, `  help: …`, each ended by a newline.
    pub(crate) fn render(&self, style: Style) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{} {}", style.error("error:"), indented(&self.message, "  "));
        for cause in &self.causes {
            let _ = writeln!(text, "  {} {}", style.dim("because"), indented(cause, "    "));
        }
        if let Some(help) = &self.help {
            let _ = writeln!(text, "  {} {}", style.good("help:"), indented(help, "    "));
        }
        text
    }

    /// One JSON object without a newline, for `--progress json`.
    pub(crate) fn json(&self, exit: Exit) -> serde_json::Value {
        serde_json::json!({
            "event": "error",
            "message": self.message,
            "causes": self.causes,
            "help": self.help,
            "exit": exit as u8,
        })
    }
}

/// Keeps the lines of a longer message (a solver's reasons) together.
fn indented(text: &str, indent: &str) -> String {
    text.trim_end().replace('\n', &format!("\n{indent}"))
}

fn sanitised(text: &str) -> String {
    mask_credentials(&clean(text))
}

/// The last line of defence: libraries mask what they know to be URLs; this masks whatever looks like one.
fn mask_credentials(text: &str) -> String {
    mambox_resolve::mask_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer: {source}")]
    struct Outer {
        source: Inner,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("inner trouble")]
    struct Inner {
        source: io::Error,
    }

    #[test]
    fn a_failure_reads_like_a_compilers() {
        let failure = Failure::Io {
            action: "write",
            path: "out.tar".into(),
            source: io::Error::other(Outer { source: Inner { source: io::Error::other("disk on fire") } }),
        };
        insta::assert_snapshot!(failure.report().render(Style::PLAIN), @r"
        error: cannot write out.tar
          because outer: inner trouble
          because disk on fire
        ");
        let failure = Failure::usage("--push needs a name", "add -t REGISTRY/NAME:TAG");
        insta::assert_snapshot!(failure.report().render(Style::PLAIN), @r"
        error: --push needs a name
          help: add -t REGISTRY/NAME:TAG
        ");
    }

    #[test]
    fn credentials_and_control_characters_do_not_reach_the_terminal() {
        let failure = Failure::usage("cannot read https://me:secret@host/t/tk-1/x\u{1b}[2J\nline two", "");
        insta::assert_snapshot!(failure.report().render(Style::PLAIN), @r"
        error: cannot read https://*****@host/t/*****/x\u{1b}[2J
          line two
          help:
        ");
    }

    #[test]
    fn a_failure_is_one_json_line_for_programs() {
        let failure = Failure::usage("no", "yes");
        insta::assert_snapshot!(
            failure.report().json(failure.exit()),
            @r#"{"event":"error","message":"no","causes":[],"help":"yes","exit":2}"#
        );
    }
}
