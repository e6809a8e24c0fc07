//! Runs an engine's command to its end, within bounds of time and memory.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::error::EngineError;

/// How much of an output is read; a container may write without end.
const MOST_OUTPUT: u64 = 4 << 20;
/// How much of it an error message repeats.
const MOST_IN_MESSAGE: usize = 2000;
/// How often an ended process is looked for: short against the 65 ms that the fastest command takes.
const PAUSE: Duration = Duration::from_millis(4);

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Program and arguments.
    pub(crate) command: String,
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ended {
    /// Standard output of a command that ended well.
    pub(crate) fn into_stdout(self) -> Result<String, EngineError> {
        if self.status.success() { Ok(self.out) } else { Err(self.into_failure()) }
    }

    /// What to say where it should have ended in another way.
    pub(crate) fn into_failure(self) -> EngineError {
        let all = self.out + &self.err;
        let (status, output) = (self.status.to_string(), end_of(all.trim()));
        EngineError::Failed { command: self.command, status, output }
    }
}

/// Runs a command that reads this, until it ends within `limit`, well or not.
pub(crate) fn ended(
    program: &'static str,
    command: &mut Command,
    typed: &str,
    limit: Duration,
) -> Result<Ended, EngineError> {
    let shown = show(command);
    let io = |source| EngineError::Io { command: shown.clone(), source };
    let (mut out, mut err) = (tempfile::tempfile().map_err(io)?, tempfile::tempfile().map_err(io)?);
    command.stdin(input(typed).map_err(io)?);
    command.stdout(out.try_clone().map_err(io)?).stderr(err.try_clone().map_err(io)?);
    let child = command.spawn().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => EngineError::Missing { program },
        _ => io(source),
    })?;
    let Some(status) = wait(child, limit).map_err(io)? else {
        return Err(EngineError::Timeout { command: shown, seconds: limit.as_secs() });
    };
    let (out, err) = (read(&mut out).map_err(io)?, read(&mut err).map_err(io)?);
    Ok(Ended { command: shown, status, out, err })
}

fn input(typed: &str) -> io::Result<Stdio> {
    if typed.is_empty() {
        return Ok(Stdio::null());
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(typed.as_bytes())?;
    file.rewind()?;
    Ok(file.into())
}

/// The status, or none where the time was over and the process was killed.
fn wait(mut child: Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

fn read(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(MOST_OUTPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last characters of a text.
fn end_of(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(MOST_IN_MESSAGE);
    text.chars().skip(skip).collect()
}

/// Program and arguments, to be read by people.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Result<String, EngineError> {
        stdout("sh", Command::new("sh").args(["-c", script]), limit)
    }

    fn stdout(program: &'static str, command: &mut Command, limit: Duration) -> Result<String, EngineError> {
        ended(program, command, "", limit)?.into_stdout()
    }

    #[test]
    fn output_or_the_reason() {
        let minute = Duration::from_secs(60);
        assert_eq!(sh("echo yes; echo no >&2", minute).expect("it ends well"), "yes\n");
        let error = sh("echo yes; echo no >&2; exit 3", minute).expect_err("it fails");
        insta::assert_snapshot!(error, @r"
        `sh -c echo yes; echo no >&2; exit 3` failed (exit status: 3): yes
        no
        ");
        let missing = stdout("mambox-no-such-program", &mut Command::new("mambox-no-such-program"), minute);
        insta::assert_snapshot!(missing.expect_err("it is not there"), @"mambox-no-such-program is not installed");
    }

    #[test]
    fn a_command_without_end_is_stopped() {
        let error = sh("exec sleep 600", Duration::from_millis(50)).expect_err("it does not end");
        insta::assert_snapshot!(error, @"`sh -c exec sleep 600` was stopped after 0 s; is the engine stuck?");
    }

    #[test]
    fn messages_stay_short() {
        let error = sh("yes | head -n 100000; exit 1", Duration::from_secs(60)).expect_err("it fails");
        assert!(error.to_string().len() < 2200, "{}", error.to_string().len());
    }
}
