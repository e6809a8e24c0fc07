//! Runs a program on a root file system, isolated, with nothing of the host but the kernel.
//!
//! The isolation is bubblewrap's (`bwrap`): an unprivileged user namespace in which the program is uid 0, with its own
//! processes, host name and IPC and without a network. It is the same for root and for an ordinary user.
//! [`Sandbox::find`] looks for `bwrap` and tries it; [`Sandbox::run`] runs a [`Task`].
//!
//! Sandboxes are a matter of Linux; elsewhere the crate compiles and [`Sandbox::find`] says so.

mod error;
mod sandbox;
mod task;

#[cfg(target_os = "linux")]
mod arguments;
#[cfg(target_os = "linux")]
mod devices;
#[cfg(target_os = "linux")]
mod exchange;
#[cfg(target_os = "linux")]
mod mount_points;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod status;
#[cfg(target_os = "linux")]
mod why_not;

pub use error::SandboxError;
pub use sandbox::Sandbox;
pub use task::{Bind, Finished, Limits, Task};
