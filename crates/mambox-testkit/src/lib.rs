//! Synthetic packages, local channels and hermetic environments for mambox's tests.
//!
//! | want | use |
//! |---|---|
//! | a package | [`PackageBuilder`], with [`binary_blob`] and [`StaticElf`] for binary files |
//! | a package nobody should believe | [`HostileArchive`], or [`PackageBuilder::build_with`] and [`PackageBuilder::finish`] |
//! | a wheel, honest or not | [`WheelBuilder`] |
//! | a channel | [`LocalChannel`], over HTTP with [`HttpServer::serve_dir`] |
//! | failures of the network | [`HttpServer::fail`] with [`Fault`], [`HttpServer::require`] with [`Auth`] |
//! | a registry | [`FakeRegistry`] |
//! | a base image's files | [`RootFs`] |
//! | to look into a layer | [`listing`], [`extract_map`], [`flatten`]; [`read_tree`] for a folder |
//! | to run our executable | [`TestEnv`] |
//! | to leave out what a machine cannot do | [`skip`], which nobody overlooks |
//!
//! A dev-dependency only. It panics, with a message that says what went wrong, where a library would
//! return an error: a test has nobody to hand an error to.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test panics, and knows its machine")]

mod channel;
mod hostile;
mod http;
mod listing;
mod machine_root;
mod package;
mod redact;
mod registry;
mod rootfs;
mod sandbox;
mod shards;
mod skip;
mod static_elf;
mod tar_writer;
mod test_env;
mod tree;
mod wheel;
mod zip_lies;

pub use channel::LocalChannel;
pub use hostile::{HostileArchive, zstd_bomb};
pub use http::{Auth, Fault, FaultKind, HttpServer, Recorded, Request, Response};
pub use listing::{list_tar, listing};
pub use package::{ArchiveFormat, BuiltPackage, PLACEHOLDER, PackageBuilder, binary_blob, with_placeholder};
pub use registry::{FakeRegistry, RegistryAuth};
pub use rootfs::{RootFs, fake_libc, rootfs_tar};
pub use sandbox::no_sandbox;
pub use skip::skip;
pub use static_elf::StaticElf;
pub use tar_writer::{DEFAULT_MTIME, TarEntry, TarKind, TarStyle, tar_bytes, tar_bytes_in, tar_bytes_open};
pub use test_env::{Run, TestEnv};
pub use tree::{Entry, EntryKind, decompress, extract_map, flatten, read_tree};
pub use wheel::{BuiltWheel, WheelBuilder};
