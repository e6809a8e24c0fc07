//! Environment specifications and locks as pure data: no network, clock, home directory or environment
//! variable is read here. Functions take text or bytes, and a name to use in messages.

mod condarc;
mod env_yaml;
mod expand;
mod explicit;
mod input_kind;
mod libc;
mod lock;
mod lock_error;
mod lock_file;
mod lock_read;
mod locked_package;
mod match_spec;
mod order;
mod pip;
mod portable;
mod redact;
mod spec;
mod spec_error;
mod spec_list;
mod virtual_packages;
mod yaml;

pub use condarc::{ChannelPriority, CondaRc, CondaRcFile, SslVerify};
pub use env_yaml::{EnvFile, MAX_SPEC_SIZE};
pub use expand::{Lookup, expand_variables};
pub use explicit::{ExplicitFile, ExplicitPackage};
pub use input_kind::{InputKind, UnknownInput};
pub use libc::Libc;
pub use lock::{Lock, MAX_PACKAGES};
pub use lock_error::LockError;
pub use lock_file::{DEFAULT_ENVIRONMENT, LockFile};
pub use lock_read::{LockSelection, MAX_LOCK_SIZE};
pub use locked_package::LockedPackage;
pub use match_spec::parse_match_spec;
pub use pip::{
    PipNameError, PipPackage, PipSource, TagRank, WheelName, WheelNameError, WheelTarget, normalize_pip_name,
};
pub use portable::{is_path, portable_channel, portable_url, strip_channel_credentials, strip_credentials};
pub use spec::EnvSpec;
pub use spec_error::{Place, SpecError};
pub use virtual_packages::{
    OVERRIDES, Subject, VirtualPackageError, VirtualPackageFacts, parse_cuda_version,
};
