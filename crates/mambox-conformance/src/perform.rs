//! Goes a way in and reads what is there.

use std::sync::OnceLock;

use crate::check::{Check, Entry, Words};
use crate::engine::unique;
use crate::error::EngineError;
use crate::image::{Container, Image};
use crate::reading::Reading;

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
    running: OnceLock<Container>,
}

impl<'image> Subject<'image> {
    /// An image with the programs in it.
    pub fn new(image: &'image Image, programs: Programs<'image>) -> Self {
        Self { image, programs, running: OnceLock::new() }
    }

    fn running(&self) -> Result<&Container, EngineError> {
        if let Some(container) = self.running.get() {
            return Ok(container);
        }
        let container = self.image.start(&[], &[self.programs.wait])?;
        Ok(self.running.get_or_init(|| container))
    }

    /// An image with these instructions on top.
    fn derive(&self, instructions: &[String]) -> Result<Image, EngineError> {
        let dockerfile = format!("FROM {}\n{}\n", self.image.name(), instructions.join("\n"));
        self.image.engine().build(&dockerfile, None, &format!("localhost/{}:1", unique("derived")))
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

/// Puts the programs' names in.
pub(crate) fn fill(words: &[&str], programs: &Programs<'_>) -> Vec<String> {
    let fill = |word: &&str| {
        word.replace("{show}", programs.show)
            .replace("{name}", programs.name)
            .replace("{script}", programs.script)
            .replace("{user}", programs.user)
    };
    words.iter().map(fill).collect()
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
