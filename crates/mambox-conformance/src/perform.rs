//! Goes a way in and reads what is there.

use std::sync::{Arc, Mutex, PoisonError};

use crate::check::{Check, Entry, Words};
use crate::error::EngineError;
use crate::image::{Container, Image};
use crate::reading::Reading;
use crate::words::{fill, strs};

/// Where a `RUN` step leaves what it saw.
const SEEN: &str = "/tmp/seen";

/// The programs in an image by which it is looked at, as absolute paths: they must start without any environment.
#[derive(Clone, Copy, Debug)]
pub struct Programs<'a> {
    /// Shows its environment, one `NAME=value` a line: `{show}`.
    pub show: &'a str,
    /// Its name on the PATH: `{name}`.
    pub name: &'a str,
    /// A shell script that runs it: `{script}`.
    pub script: &'a str,
    /// Does nothing for a long time.
    pub wait: &'a str,
    /// An account to change to: `{user}`.
    pub user: &'a str,
}

/// An image that checks are performed on.
#[derive(Debug)]
pub struct Subject<'image> {
    image: &'image Image,
    programs: Programs<'image>,
    /// For the checks that enter a container which runs already; started for the first of them.
    running: Mutex<Option<Arc<Container>>>,
}

impl<'image> Subject<'image> {
    /// An image with the programs in it.
    pub fn new(image: &'image Image, programs: Programs<'image>) -> Self {
        Self { image, programs, running: Mutex::default() }
    }

    /// Whoever comes second waits for the first one's container.
    fn running(&self) -> Result<Arc<Container>, EngineError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(container) = &*running {
            return Ok(Arc::clone(container));
        }
        let container = Arc::new(self.image.start(&[], &[self.programs.wait])?);
        Ok(Arc::clone(running.insert(container)))
    }

    /// An image with these instructions on top.
    fn derive(&self, instructions: &[String]) -> Result<Image, EngineError> {
        self.image.engine().derive(self.image.name(), instructions, None)
    }
}

/// Enters a container the way that a check says, and reads the environment there.
pub fn perform(check: &Check, subject: &Subject<'_>) -> Result<Reading, EngineError> {
    let words = |words: Words| fill(words, &subject.programs);
    let output = match &check.entry {
        Entry::Run { options, command } => subject.image.run(&strs(&words(options)), &strs(&words(command))),
        Entry::Exec { options, command } => {
            subject.running()?.exec(&strs(&words(options)), &strs(&words(command)))
        }
        Entry::Derived(instructions) => subject.derive(&words(instructions))?.run(&[], &[]),
        Entry::Step(instructions) => {
            let mut lines = words(instructions);
            lines.push(format!("RUN {} >{SEEN}", subject.programs.show));
            subject.derive(&lines)?.run(&["--entrypoint", "cat"], &[SEEN])
        }
    };
    output.map(|output| Reading::new(&output))
}
