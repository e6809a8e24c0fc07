//! From an environment to an image: lock, fetch, layers, assemble, write.
//!
//! Each step is a function of values; this crate puts them in order, keeps the layer cache, and tells a
//! [`mambox_progress::Reporter`] what happens. It knows neither clap nor a terminal.

mod account;
mod application;
mod assemble;
mod base;
mod cache_entry;
mod cancel;
mod capture;
mod certificates;
mod compose;
mod context;
mod copies;
mod created;
mod difference;
mod embedded;
mod entry_program;
mod environment;
mod environment_facts;
mod error;
mod error_kind;
mod essence;
mod foundation;
mod imports;
mod layer_cache;
mod layer_work;
mod link_scripts;
mod marks;
mod operations;
mod package_file;
mod package_layers;
mod paths;
mod pip;
mod places;
mod plans;
mod pyc;
mod recipe;
mod records;
mod report;
mod request;
mod root;
mod sandboxed;
mod scratch;
mod script_shell;
mod sdist;
mod sizes;
mod snapshot;
mod subdir;
mod tree;
mod tree_layer;
mod wheels;

pub use certificates::{BUNDLE as CERTIFICATES, bundle as certificates};
pub use context::Context;
pub use created::rfc3339;
pub use entry_program::program_for;
pub use error::BuildError;
pub use error_kind::ErrorKind;
pub use mambox_layer::{SlimPolicies, SlimPolicy};
pub use marks::history;
pub use operations::{
    InspectRequest, build, cache_info, cache_prune, convert, diff, inspect, lock, plan, verify,
};
pub use paths::prefix as check_prefix;
pub use pip::PipProblem;
pub use places::{Place, Places};
pub use report::{
    BuildReport, CacheInfo, CachePart, ConvertReport, Difference, ImageReport, InspectedLayer,
    InspectedPackage, Inspection, LayerState, OutputReport, PlanReport, PlannedLayer, PolicySavings,
    PruneRequest, Verification, VerifiedLayer,
};
pub use request::{
    ActivationMode, BuildRequest, CopySpec, DEFAULT_MAX_LAYERS, DEFAULT_PREFIX, EnvironmentRequest,
    ImageOptions, Input, LayerRequest, LinkScripts, NamedEnvironment, PipOptions, PycRequest,
    ROOT_ENVIRONMENT, ScriptRequest,
};
pub use sdist::{SdistError, SdistProblem};
pub use sizes::{DuplicateFile, Duplicates, FileKind, SizedFile, SizedKind, SizedPackage, Sizes};
pub use subdir::{platform, subdir};
pub use tree::{Content, FIXED_TIME, FileTree};
pub use tree_layer::{places_of, tree_layer};
