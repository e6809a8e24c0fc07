//! Shell integration and running programs in a prefix: what `micromamba shell` and `micromamba run` need.
//!
//! Nothing here prints, or reads the environment, the home folder or the clock: values go in, texts and
//! decisions come out. Activation itself is [`mambox_activate`]'s.

mod activate;
mod error;
mod hook;
mod init;
mod literal;
mod prefix;
mod prompt;
mod run;
mod shell;
mod statements;
mod transition;

pub use activate::{Answer, Session, activate, deactivate, reactivate};
pub use error::ShellError;
pub use hook::{HookContext, hook};
pub use init::{FileEdit, InitContext, apply, deinit, init};
pub use mambox_activate::{Environment, How};
pub use prefix::target_prefix;
pub use prompt::{DEFAULT_ENV_PROMPT, Prompt};
pub use run::{EnvSet, Launch, RunError, RunRequest, Streams, prepare};
pub use shell::{Shell, parent_program};
