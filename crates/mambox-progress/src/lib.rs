//! Progress events: what a long operation tells whoever watches.
//!
//! Libraries report; the command decides whether that becomes a bar, a line or JSON. The crate sits
//! at the bottom of the workspace so that fetching, layering and writing speak one language.

mod event;
mod reporter;

pub use event::{Event, Outcome, Stage, TaskId, Unit};
pub use reporter::{Recorder, Reporter, Silent, Task};
