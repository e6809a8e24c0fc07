//! Compiled python code, made by a compiler that is handed in.
//!
//! Installers compile the `.py` files of noarch python packages with the environment's own python. Doing so runs a program,
//! which is not this crate's business: it collects the sources and places what a [`Compile`] makes of them.

use crate::error::CompileError;

/// The longest source that is compiled; compiling takes many times as much memory.
pub(crate) const MAX_SOURCE: u64 = 16 << 20;
/// Sources are handed over when they come to this many bytes, so that a package of any size fits in memory.
pub(crate) const MAX_BATCH: usize = 64 << 20;
/// Of a reason why a source does not compile; it may quote the source.
const MAX_REASON: usize = 200;

/// Makes `.pyc` files: a pure function of each source by itself and of the python that [`LayerKey::compiler`] names.
///
/// [`LayerKey::compiler`]: crate::LayerKey::compiler
pub trait Compile: Sync {
    /// One result for each source, in their order: the whole `.pyc` file, or why the source is none that can be compiled.
    /// Called once for a package, unless that is very large.
    ///
    /// # Errors
    /// When the compiler itself fails.
    fn compile(&self, sources: &[PySource]) -> Result<Vec<Result<Vec<u8>, String>>, CompileError>;
}

/// A python source in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PySource {
    /// Where it is in the image: `/opt/conda/lib/python3.13/site-packages/rich/box.py`. Tracebacks show this.
    pub path: String,
    /// The file's bytes, in whatever encoding it declares.
    pub text: Vec<u8>,
}

/// A source without `.pyc`: templates and code for other versions of python are often part of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncompiled {
    /// Relative to the prefix.
    pub path: String,
    /// In one short line.
    pub reason: String,
}

impl Uncompiled {
    pub(crate) fn new(path: &str, reason: &str) -> Self {
        let line = reason.lines().next().unwrap_or_default();
        let line = line.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
        Self { path: path.to_owned(), reason: line }
    }
}
