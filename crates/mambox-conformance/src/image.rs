//! Images and containers in an engine, for as long as their values live.

use crate::command::Ended;
use crate::engine::{Engine, unique};
use crate::error::EngineError;

/// An image in an engine; removed when dropped.
#[derive(Debug)]
pub struct Image {
    engine: Engine,
    name: String,
}

impl Image {
    pub(crate) fn new(engine: Engine, name: &str) -> Self {
        Self { engine, name: name.to_owned() }
    }

    /// Where it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Its name there.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Standard output of a program in a new container without network. `options` are the engine's, behind `run`;
    /// without a program the image's own runs.
    pub fn run(&self, options: &[&str], program: &[&str]) -> Result<String, EngineError> {
        run(self.engine, &self.name, options, program, "")?.into_stdout()
    }

    /// Starts a program in a new container without network.
    pub fn start(&self, options: &[&str], program: &[&str]) -> Result<Container, EngineError> {
        let container = Container { engine: self.engine, name: unique("started") };
        let start = ["run", "-d", "--network", "none", "--name", &container.name];
        self.engine.call_short(&[&start, options, &[&self.name], program].concat())?;
        Ok(container)
    }

    /// A field of the image, as a template of the engine's `inspect`.
    pub fn field(&self, template: &str) -> Result<String, EngineError> {
        let output = self.engine.call_short(&["image", "inspect", "--format", template, &self.name])?;
        Ok(output.trim().to_owned())
    }
}

/// What a program did in a new container without network, of an image that somebody else owns; it reads what is typed.
pub(crate) fn run(
    engine: Engine,
    image: &str,
    options: &[&str],
    program: &[&str],
    typed: &str,
) -> Result<Ended, EngineError> {
    let name = unique("run");
    let start = ["run", "--rm", "--network", "none", "--name", &name];
    let reads: &[&str] = if typed.is_empty() { &[] } else { &["-i"] };
    let ended = engine.ended_shortly(&[&start, reads, options, &[image], program].concat(), typed);
    if matches!(ended, Err(EngineError::Timeout { .. })) {
        // Only the command was stopped so far.
        drop(Container { engine, name });
    }
    ended
}

impl Drop for Image {
    fn drop(&mut self) {
        // What cannot be removed is no reason to fail.
        let _ = self.engine.call(&["rmi", "-f", &self.name]);
    }
}

/// A running container; removed when dropped.
#[derive(Debug)]
pub struct Container {
    engine: Engine,
    name: String,
}

impl Container {
    /// Standard output of a program in it. `options` are the engine's, behind `exec`.
    pub fn exec(&self, options: &[&str], program: &[&str]) -> Result<String, EngineError> {
        self.engine.call_short(&[&["exec"], options, &[self.name.as_str()], program].concat())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // podman asks first and waits ten seconds for an answer, which a container's first process need not give.
        let at_once: &[&str] = if self.engine == Engine::Podman { &["--time", "0"] } else { &[] };
        let _ = self.engine.call_short(&[&["rm", "-f"], at_once, &[self.name.as_str()]].concat());
    }
}
