//! The entry programs inside an image, as decisions: the environment and some files go in, what to
//! become comes out ([`run`]). The executable only collects the former and carries out the latter.
//!
//! They follow conda's rules through `mambox-activate`, and work where little is there: no shell, no
//! account, no HOME, a read-only root, any user.

mod accounts;
mod activate;
mod apptainer_shell;
mod dockerfile_shell;
mod entrypoint;
mod exports;
mod hook;
mod launch;
mod open;
mod prefix;
mod program;
mod replace;
mod root;
mod root_prefix;
mod run;
mod shells;
mod sourcing;
#[cfg(test)]
mod testing;
mod user;
mod world;

pub use launch::{Launch, NotLaunched};
pub use root::Root;
pub use run::{Outcome, run};
pub use world::World;
