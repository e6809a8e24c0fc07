//! conda's and mamba's configuration: keys, files, variables, and the prefixes they choose.

mod error;
mod expand;
mod files;
mod key;
pub mod keys;
mod load;
mod merge;
mod parse;
mod proxy;
pub mod rc_files;
mod redact;
mod settings;
mod value;

pub use error::ConfigError;
pub use expand::{absolute, expand_home, expand_variables, shrink_home};
pub use files::{Disk, Files, MAX_FILE_SIZE};
pub use key::{Group, Key, Kind, Preset};
pub use load::{Config, Inputs, Loaded, RcFile};
pub use merge::{Resolved, Source};
pub use parse::from_text;
pub use proxy::Proxies;
pub use redact::{MASK, redact};
pub use settings::{ChannelPriority, LogLevel, SafetyChecks, Settings, SslVerify, Surroundings};
pub use value::Value;
