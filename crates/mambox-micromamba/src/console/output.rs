//! Where lines go.

use std::io::Write;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use super::Level;

/// The two streams and what is collected for `--json`.
#[derive(Debug)]
pub(crate) struct Console {
    /// One JSON object instead of text.
    pub(crate) json: bool,
    /// No results but those that were asked for, no progress.
    pub(crate) quiet: bool,
    /// Lines below it are not written.
    pub(crate) level: Level,
    /// Whether bars may be drawn.
    pub(crate) bars: bool,
    collected: Mutex<Collected>,
}

#[derive(Debug, Default)]
struct Collected {
    object: Map<String, Value>,
    bare: Option<Value>,
    log: Vec<String>,
}

impl Console {
    /// A console that has said nothing yet.
    pub(crate) fn new(json: bool, quiet: bool, level: Level, bars: bool) -> Self {
        Self { json, quiet, level, bars: bars && !json && !quiet, collected: Mutex::default() }
    }

    /// A line of progress or explanation: on stdout, unless `-q` or `--json`.
    pub(crate) fn say(&self, line: impl AsRef<str>) {
        if !self.json && !self.quiet {
            write_line(line.as_ref());
        }
    }

    /// A line of the result itself: also with `-q`.
    pub(crate) fn result(&self, line: impl AsRef<str>) {
        if !self.json {
            write_line(line.as_ref());
        }
    }

    /// Text without a newline at its end, for prompts.
    pub(crate) fn prompt(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// A log line on stderr: padded level, program's name, message.
    pub(crate) fn log(&self, level: Level, message: impl AsRef<str>) {
        let message = message.as_ref();
        if level < self.level {
            return;
        }
        if self.json {
            self.with(|collected| collected.log.push(format!("{}: {message}", level.name())));
        }
        if !self.json || level >= Level::Error {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "{:<8} libmamba {message}", level.name());
        }
    }

    /// A warning.
    pub(crate) fn warn(&self, message: impl AsRef<str>) {
        self.log(Level::Warning, message);
    }

    /// Sets a key of the JSON object.
    pub(crate) fn set(&self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        self.with(|collected| collected.object.insert(key.to_owned(), value));
    }

    /// The whole JSON output, where it is no object with `success` in it.
    pub(crate) fn set_bare(&self, value: Value) {
        self.with(|collected| collected.bare = Some(value));
    }

    /// Writes the JSON output; called once, in the end.
    pub(crate) fn finish(&self, success: bool) {
        if !self.json {
            return;
        }
        let text = self.with(|collected| {
            let value = match collected.bare.take() {
                Some(bare) if success => bare,
                _ => {
                    let mut object = std::mem::take(&mut collected.object);
                    object.insert("success".to_owned(), json!(success));
                    object.insert("log_history".to_owned(), json!(collected.log));
                    Value::Object(object)
                }
            };
            serde_json::to_string_pretty(&value).unwrap_or_default()
        });
        write_line(&text);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Collected) -> T) -> T {
        act(&mut self.collected.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// A closed pipe (`micromamba list | head -3`) is no error.
fn write_line(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"));
}
