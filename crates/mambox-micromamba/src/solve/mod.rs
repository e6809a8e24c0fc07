//! From a wish and what is installed to what has to change. Pure functions; the solver itself is in `mambox-resolve`.

mod changes;
mod goal;
mod removal;

pub(crate) use changes::{Change, ChangeKind, Changes};
pub(crate) use goal::{Goal, Installed, Rules, solve_request};
pub(crate) use removal::{removal, unknown_names};
