//! Rows of the table, and what runs and checks them.
//!
//! Texts of a row may hold `{channel}` and `{other}` (addresses of the two channels), `{files}` (the first one on disk),
//! `{root}` (the root prefix), `{home}`, `{work}` (the current folder), `{tmp}`, `{pkgs}` (where packages of the first
//! channel lie in the package cache), `{exe}`, and `{leaf-sha256}` and `{old-sha256}` (of leaf 1.0 and old 1.0).

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mambox_testkit::TestEnv;
use serde_json::Value;

use crate::lab::{Kind, Lab};
use crate::words;

/// Rows at the same time.
const THREADS: usize = 4;

/// One command, and all that must be true of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    /// Section of the micromamba reference, and the fact.
    pub(crate) cites: &'static str,
    pub(crate) channel: Kind,
    pub(crate) variables: Vec<(&'static str, Option<&'static str>)>,
    pub(crate) files: Vec<(&'static str, &'static str)>,
    /// Commands that make the state before; each must succeed. With `$ ` before it, a line for sh.
    pub(crate) before: Vec<&'static str>,
    pub(crate) command: &'static str,
    pub(crate) input: Option<&'static str>,
    pub(crate) exit: i32,
    pub(crate) checks: Vec<Check>,
}

/// Something to be true afterwards.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    /// Standard output holds these, one after the other.
    Says(Vec<&'static str>),
    /// Standard output is exactly this, but for the last newline.
    Prints(&'static str),
    /// Standard output holds none of these.
    Silent(Vec<&'static str>),
    /// Standard error holds these, one after the other.
    Warns(Vec<&'static str>),
    /// Standard error is empty.
    Calm,
    /// The JSON output has a value there.
    Json(&'static str, Value),
    /// The JSON output has nothing there.
    NoJson(&'static str),
    /// The JSON output has an array or object of that length there.
    Length(&'static str, usize),
    /// A file or folder is there.
    There(&'static str),
    /// A file holds this text.
    Holds(&'static str, &'static str),
    /// Nothing is there.
    Absent(&'static str),
}

/// A row for a fact of the reference; over HTTP, exit code 0.
pub(crate) fn row(id: &'static str, cites: &'static str, command: &'static str) -> Row {
    Row {
        id,
        cites,
        channel: Kind::Http,
        variables: Vec::new(),
        files: Vec::new(),
        before: Vec::new(),
        command,
        input: None,
        exit: 0,
        checks: Vec::new(),
    }
}

impl Row {
    /// The channel on disk.
    pub(crate) fn on_disk(mut self) -> Self {
        self.channel = Kind::File;
        self
    }
    pub(crate) fn var(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, Some(value)));
        self
    }
    pub(crate) fn without(mut self, name: &'static str) -> Self {
        self.variables.push((name, None));
        self
    }
    /// A file that is there before; relative to the current folder.
    pub(crate) fn file(mut self, path: &'static str, content: &'static str) -> Self {
        self.files.push((path, content));
        self
    }
    pub(crate) fn before(mut self, command: &'static str) -> Self {
        self.before.push(command);
        self
    }
    pub(crate) fn input(mut self, text: &'static str) -> Self {
        self.input = Some(text);
        self
    }
    pub(crate) fn exit(mut self, code: i32) -> Self {
        self.exit = code;
        self
    }
    pub(crate) fn says(self, words: &[&'static str]) -> Self {
        self.check(Check::Says(words.to_vec()))
    }
    pub(crate) fn prints(self, text: &'static str) -> Self {
        self.check(Check::Prints(text))
    }
    pub(crate) fn silent(self, words: &[&'static str]) -> Self {
        self.check(Check::Silent(words.to_vec()))
    }
    pub(crate) fn warns(self, words: &[&'static str]) -> Self {
        self.check(Check::Warns(words.to_vec()))
    }
    pub(crate) fn calm(self) -> Self {
        self.check(Check::Calm)
    }
    pub(crate) fn json(self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.check(Check::Json(pointer, value.into()))
    }
    pub(crate) fn no_json(self, pointer: &'static str) -> Self {
        self.check(Check::NoJson(pointer))
    }
    pub(crate) fn length(self, pointer: &'static str, length: usize) -> Self {
        self.check(Check::Length(pointer, length))
    }
    pub(crate) fn there(self, path: &'static str) -> Self {
        self.check(Check::There(path))
    }
    pub(crate) fn holds(self, path: &'static str, text: &'static str) -> Self {
        self.check(Check::Holds(path, text))
    }
    pub(crate) fn absent(self, path: &'static str) -> Self {
        self.check(Check::Absent(path))
    }
    fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }
}

/// Runs all rows, and tells of every one that fails.
pub(crate) fn check(rows: &[Row]) {
    let lab = Lab::new();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = Place::new(row, &lab).run() {
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} rows failed\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// Where one row runs.
struct Place<'a> {
    row: &'a Row,
    env: TestEnv,
    names: Vec<(&'static str, String)>,
}

impl<'a> Place<'a> {
    fn new(row: &'a Row, lab: &Lab) -> Self {
        let env = TestEnv::new(env!("CARGO_BIN_EXE_micromamba"));
        let at = |name: &str| env.root().join(name).display().to_string();
        let channel = lab.url(row.channel);
        let cached = match row.channel {
            Kind::Http => channel.replacen("://", "/", 1).replacen(':', "_", 1),
            Kind::File => channel.replacen("://", "", 1),
        };
        let names = vec![
            ("{channel}", channel),
            ("{other}", lab.other_url(row.channel)),
            ("{files}", lab.channel.path().display().to_string()),
            ("{root}", at("opt")),
            ("{home}", at("home")),
            ("{work}", at("work")),
            ("{tmp}", at("tmp")),
            ("{pkgs}", format!("{}/{cached}", at("opt/pkgs"))),
            ("{exe}", env!("CARGO_BIN_EXE_micromamba").to_owned()),
            ("{leaf-sha256}", lab.sha256("leaf-1.0-0.conda")),
            ("{old-sha256}", lab.sha256("old-1.0-0.tar.bz2")),
        ];
        let path = format!("{}:/usr/bin:/bin", at("bin"));
        let mut env =
            env.var("PATH", path).var("MAMBA_ROOT_PREFIX", &names[3].1).without_var("XDG_CACHE_HOME");
        env = env.without_var("XDG_CONFIG_HOME").without_var("XDG_DATA_HOME");
        let fill = |text: &str| fill(&names, text);
        for (name, value) in &row.variables {
            env = match value {
                Some(value) => env.var(name, fill(value)),
                None => env.without_var(name),
            };
        }
        for (path, content) in &row.files {
            env.write(&fill(path), fill(content));
        }
        Self { row, env, names }
    }

    fn run(&self) -> Result<(), String> {
        for step in &self.row.before {
            let output = self.output(step, None);
            if !output.status.success() {
                return Err(self.failure(step, &output, &["a step before the command failed".to_owned()]));
            }
        }
        let output = self.output(self.row.command, self.row.input);
        let mut problems = Vec::new();
        if output.status.code() != Some(self.row.exit) {
            problems.push(format!("exit code {} was expected", self.row.exit));
        }
        problems.extend(self.row.checks.iter().filter_map(|check| self.problem(check, &output)));
        if problems.is_empty() { Ok(()) } else { Err(self.failure(self.row.command, &output, &problems)) }
    }

    fn output(&self, line: &str, input: Option<&str>) -> Output {
        let line = fill(&self.names, line);
        let mut command = match line.strip_prefix("$ ") {
            Some(script) => {
                // In the same environment, but sh in the program's place.
                let mut command = self.env.command([""; 0]);
                let told = std::process::Command::new("/bin/sh");
                let variables: Vec<_> =
                    command.get_envs().map(|(k, v)| (k.to_owned(), v.unwrap().to_owned())).collect();
                command = told;
                command.args(["-c", script]).env_clear().envs(variables).current_dir(self.env.work());
                command.stdin(Stdio::null());
                command
            }
            None => self.env.command(words::split(&line)),
        };
        let Some(input) = input else { return command.output().unwrap() };
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Who does not read its input ends before it is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn problem(&self, check: &Check, output: &Output) -> Option<String> {
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let fill = |text: &str| fill(&self.names, text);
        let path = |path: &str| self.env.work().join(fill(path));
        let json = || serde_json::from_str::<Value>(&stdout).unwrap_or(Value::Null);
        match check {
            Check::Says(words) => missing(&stdout, words.iter().map(|word| fill(word)), "stdout"),
            Check::Warns(words) => missing(&stderr, words.iter().map(|word| fill(word)), "stderr"),
            Check::Prints(wanted) => (stdout.trim_end_matches('\n') != fill(wanted).trim_end_matches('\n'))
                .then(|| format!("stdout should be:\n{}", fill(wanted))),
            Check::Silent(words) => {
                let said = words.iter().find(|word| stdout.contains(&fill(word)))?;
                Some(format!("stdout should not hold '{said}'"))
            }
            Check::Calm => (!stderr.is_empty()).then(|| "stderr should be empty".to_owned()),
            Check::Json(pointer, wanted) => {
                let wanted = filled(wanted.clone(), &fill);
                let (there, json) = (pointer, json());
                let found = json.pointer(there);
                (found != Some(&wanted)).then(|| format!("{pointer} should be {wanted}, not {found:?}"))
            }
            Check::NoJson(pointer) => {
                json().pointer(pointer).map(|found| format!("{pointer} should be absent, not {found}"))
            }
            Check::Length(pointer, wanted) => {
                let json = json();
                let found = json.pointer(pointer).map(|value| match value {
                    Value::Array(items) => items.len(),
                    Value::Object(items) => items.len(),
                    _ => 0,
                });
                (found != Some(*wanted))
                    .then(|| format!("{pointer} should have {wanted} items, not {found:?}"))
            }
            Check::There(there) => {
                path(there).symlink_metadata().is_err().then(|| format!("{} should be there", fill(there)))
            }
            Check::Absent(there) => {
                path(there).symlink_metadata().is_ok().then(|| format!("{} should not be there", fill(there)))
            }
            Check::Holds(there, wanted) => holds(&path(there), &fill(wanted)),
        }
    }

    fn failure(&self, command: &str, output: &Output, problems: &[String]) -> String {
        let mut told = format!("\n=== {} ({})\n", self.row.id, self.row.cites);
        let status = output.status;
        let _ = write!(told, "command: {command}\n{status}\n--- stdout\n{}", text(&output.stdout));
        let _ =
            write!(told, "--- stderr\n{}--- problems\n  {}\n", text(&output.stderr), problems.join("\n  "));
        told
    }
}

fn fill(names: &[(&'static str, String)], text: &str) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn filled(value: Value, fill: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(fill(&text)),
        Value::Array(items) => items.into_iter().map(|item| filled(item, fill)).collect(),
        value => value,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn missing(text: &str, words: impl Iterator<Item = String>, stream: &str) -> Option<String> {
    let mut rest = text;
    for word in words {
        match rest.find(&word) {
            Some(place) => rest = &rest[place + word.len()..],
            None => return Some(format!("{stream} should hold '{word}', after the words before it")),
        }
    }
    None
}

fn holds(path: &Path, wanted: &str) -> Option<String> {
    match std::fs::read(path) {
        Ok(bytes) if text(&bytes).contains(wanted) => None,
        Ok(bytes) => Some(format!("{} should hold '{wanted}', not '{}'", path.display(), text(&bytes))),
        Err(error) => Some(format!("{}: {error}", path.display())),
    }
}
