//! A conda prefix on disk: its records, and transactions that change it as a whole or not at all.
//!
//! [`Prefix`] reads what is installed. [`apply`] removes and installs packages, whose folders a package cache holds
//! extracted. It writes a journal before it touches anything, so that a failure, a cancelled run, and, by [`recover`], even
//! a killed one leave the prefix as it was. What is linked where, and what is in it, follows `mambox-link`, as image
//! layers do.

mod apply;
mod changes;
mod compile;
mod error;
mod file;
mod history;
mod journal;
mod linker;
mod lock;
mod package;
mod parallel;
mod placed;
mod plan;
mod prefix;
mod process;
mod record;
mod recover;
mod redact;
mod removal;
mod script;
mod state;
mod tolerant;

pub use apply::apply;
pub use error::{LockError, PrefixError, TransactionError};
pub use history::History;
pub use lock::{Guard, LockOptions, lock};
pub use plan::{Applied, Event, LinkPolicy, Observer, Options, Package, Plan};
pub use prefix::Prefix;
pub use recover::{Recovered, recover};
