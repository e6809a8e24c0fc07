//! conda's and mamba's configuration: keys, files, variables, and the prefixes they choose.
//!
//! The order of use, since each step needs the one before: [`root_prefix`]; [`Config::load`] without a target prefix and
//! [`Settings::new`] for `envs_dirs`; [`target_prefix`]; [`Config::load`] again, with it, for the files that lie in it. Nothing
//! here prints, or looks at the process's environment, home or current directory.

mod auth;
mod ca_bundle;
mod channels;
mod edit;
mod edit_file;
mod edit_text;
mod error;
mod expand;
mod files;
mod key;
pub mod keys;
mod load;
mod merge;
mod parse;
mod prefix_error;
mod proxy;
pub mod rc_files;
mod redact;
mod render;
mod root_prefix;
mod settings;
mod show;
mod target_prefix;
mod value;
mod write;

pub use auth::{AuthError, Login, Logins};
pub use ca_bundle::ca_bundle;
pub use channels::DEFAULT_CHANNEL;
pub use edit::{Change, Refusal, edit_text, get};
pub use edit_file::{EditError, Scope, edit_file, get_from_file};
pub use error::ConfigError;
pub use expand::{absolute, expand_home, expand_variables, shrink_home};
pub use files::{Disk, Files, MAX_FILE_SIZE};
pub use key::{Group, Key, Kind, Preset};
pub use load::{Config, Inputs, Loaded, RcFile};
pub use merge::{Resolved, Source};
pub use parse::from_text;
pub use prefix_error::PrefixError;
pub use proxy::Proxies;
pub use redact::{MASK, redact};
pub use root_prefix::{RootInputs, root_prefix};
pub use settings::{ChannelPriority, LogLevel, SafetyChecks, Settings, SslVerify, Surroundings};
pub use show::{ListOptions, list, list_json, sources};
pub use target_prefix::{Fallback, Target, TargetInputs, environment_name, named_prefix, target_prefix};
pub use value::Value;
