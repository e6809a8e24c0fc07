//! The `.pyc` files of a noarch python package or a wheel: sources are collected while it is linked, what becomes of them
//! is written behind it.

use std::io::Write;

use crate::error::CompileError;
use crate::install_prefix::Prefix;
use crate::layer_tar::{Fault, LayerTar};
use crate::pyc::{Compile, MAX_BATCH, MAX_SOURCE, PySource, Uncompiled};

/// As the directories around it: group 0 may write.
const MODE: u32 = 0o664;

/// Sources of one package on their way.
pub(crate) struct Compiling<'a> {
    compiler: &'a dyn Compile,
    prefix: &'a Prefix,
    waiting: Vec<Waiting>,
    bytes: usize,
    made: Made,
}

/// What came of the sources.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// Paths of `.pyc` files, relative to the prefix.
    pub(crate) files: Vec<String>,
    /// Bytes of all of them.
    pub(crate) bytes: u64,
    pub(crate) failed: Vec<Uncompiled>,
}

struct Waiting {
    source: PySource,
    /// Relative to the prefix.
    path: String,
    pyc: String,
    mtime: u64,
}

impl<'a> Compiling<'a> {
    pub(crate) fn new(compiler: &'a dyn Compile, prefix: &'a Prefix) -> Self {
        Self { compiler, prefix, waiting: Vec::new(), bytes: 0, made: Made::default() }
    }

    /// Asks for a copy of the next file's content, if it is a source: one that is to have a `.pyc`.
    pub(crate) fn watch<W: Write>(&self, pyc: Option<&str>, tar: &mut LayerTar<W>) {
        if pyc.is_some() {
            tar.copy_next(MAX_SOURCE);
        }
    }

    /// Takes the copy of a file that was written to `path`; where many wait, compiles them.
    pub(crate) fn take<W: Write>(
        &mut self,
        path: &str,
        pyc: Option<&str>,
        tar: &mut LayerTar<W>,
    ) -> Result<(), Fault> {
        let Some(pyc) = pyc else { return Ok(()) };
        let Some((text, mtime)) = tar.take_copy() else {
            let reason = format!("it is larger than {MAX_SOURCE} bytes");
            self.made.failed.push(Uncompiled::new(path, &reason));
            return Ok(());
        };
        if self.bytes + text.len() > MAX_BATCH {
            self.flush(tar)?;
        }
        self.wait(path, pyc, text, mtime);
        Ok(())
    }

    fn wait(&mut self, path: &str, pyc: &str, text: Vec<u8>, mtime: u64) {
        self.bytes += text.len();
        let source = PySource { path: format!("{}/{path}", self.prefix.as_str()), text };
        let (path, pyc) = (path.to_owned(), pyc.to_owned());
        self.waiting.push(Waiting { source, path, pyc, mtime });
    }

    /// A hard link to a file that is a source, too: the same text under another path.
    pub(crate) fn take_link(&mut self, path: &str, pyc: Option<&str>, to: &str) {
        let Some(pyc) = pyc else { return };
        let first = self.waiting.iter().find(|waiting| waiting.path == to);
        let first = first.filter(|first| self.bytes + first.source.text.len() <= MAX_BATCH);
        let Some((text, mtime)) = first.map(|first| (first.source.text.clone(), first.mtime)) else {
            let reason = "it is a hard link to no python source, or to one far away in the archive";
            return self.made.failed.push(Uncompiled::new(path, reason));
        };
        self.wait(path, pyc, text, mtime);
    }

    /// Compiles what waits and writes it.
    fn flush<W: Write>(&mut self, tar: &mut LayerTar<W>) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if waiting.is_empty() {
            return Ok(());
        }
        let (places, sources): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|w| ((w.path, w.pyc, w.mtime), w.source)).unzip();
        let compiled = self.compiler.compile(&sources)?;
        if compiled.len() != places.len() {
            let what = format!("{} results came of {} sources", compiled.len(), places.len());
            return Err(CompileError::new(what).into());
        }
        for ((path, pyc, mtime), compiled) in places.into_iter().zip(compiled) {
            match compiled {
                Ok(bytes) => {
                    tar.file(&pyc, MODE, mtime, &bytes)?;
                    self.made.bytes += bytes.len() as u64;
                    self.made.files.push(pyc);
                }
                Err(reason) => self.made.failed.push(Uncompiled::new(&path, &reason)),
            }
        }
        Ok(())
    }

    /// Compiles and writes the rest.
    pub(crate) fn finish<W: Write>(mut self, tar: &mut LayerTar<W>) -> Result<Made, Fault> {
        self.flush(tar)?;
        Ok(self.made)
    }
}
