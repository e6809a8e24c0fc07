//! Feeds a process and listens to it, at once and within limits.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::Limits;

/// How often [`Task::stop`](crate::Task::stop) is asked.
const TICK: Duration = Duration::from_millis(100);

/// Why the process must be killed.
#[derive(Debug)]
pub(crate) enum Broken {
    Time,
    Output(&'static str, usize),
    Stopped,
    System(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<rustix::io::Errno> for Broken {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::System(errno.into())
    }
}

/// What a process wrote.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Time limit and the question whether to go on.
pub(crate) struct Watch<'a> {
    deadline: Instant,
    stop: Option<&'a (dyn Fn() -> bool + Sync)>,
}

impl<'a> Watch<'a> {
    pub(crate) fn start(limits: &Limits, stop: Option<&'a (dyn Fn() -> bool + Sync)>) -> Self {
        Self { deadline: Instant::now() + limits.time, stop }
    }

    /// How long to sleep at most before asking again.
    fn look(&self) -> Result<Duration, Broken> {
        if self.stop.is_some_and(|stop| stop()) {
            return Err(Broken::Stopped);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Broken::Time) } else { Ok(left.min(TICK)) }
    }
}

/// One of the process's outputs.
struct Output<'h, R> {
    pipe: Option<R>,
    heard: &'h mut Vec<u8>,
    limit: usize,
    name: &'static str,
}

/// Writes `input` and reads both outputs to their ends, then waits for the process. What was heard until an error is in `heard`.
pub(crate) fn exchange(
    child: &mut Child,
    input: &[u8],
    limits: &Limits,
    watch: &Watch<'_>,
    heard: &mut Heard,
) -> Result<(), Broken> {
    let mut stdin = child.stdin.take();
    let Heard { stdout, stderr } = heard;
    let mut out =
        Output { pipe: child.stdout.take(), heard: stdout, limit: limits.stdout, name: "standard output" };
    let mut err =
        Output { pipe: child.stderr.take(), heard: stderr, limit: limits.stderr, name: "standard error" };
    for pipe in [
        stdin.as_ref().map(AsFd::as_fd),
        out.pipe.as_ref().map(AsFd::as_fd),
        err.pipe.as_ref().map(AsFd::as_fd),
    ]
    .into_iter()
    .flatten()
    {
        fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?;
    }
    let mut rest = input;
    while out.pipe.is_some() || err.pipe.is_some() {
        if rest.is_empty() {
            stdin = None;
        }
        wait_for_any(stdin.as_ref(), &out.pipe, &err.pipe, watch.look()?)?;
        feed(&mut stdin, &mut rest)?;
        out.listen()?;
        err.listen()?;
    }
    drop(stdin);
    wait(child, watch)
}

/// Sleeps until one of the pipes has something to do.
fn wait_for_any(
    stdin: Option<&ChildStdin>,
    stdout: &Option<impl AsFd>,
    stderr: &Option<impl AsFd>,
    longest: Duration,
) -> Result<(), Broken> {
    let mut all: Vec<PollFd<'_>> = Vec::with_capacity(3);
    all.extend(stdin.map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
    all.extend(stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    all.extend(stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    let longest = Timespec { tv_sec: longest.as_secs() as i64, tv_nsec: i64::from(longest.subsec_nanos()) };
    match poll(&mut all, Some(&longest)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Writes what the pipe takes. A process need not read all of its input.
fn feed(stdin: &mut Option<ChildStdin>, rest: &mut &[u8]) -> Result<(), Broken> {
    let Some(pipe) = stdin else { return Ok(()) };
    match pipe.write(rest) {
        Ok(written) => *rest = &rest[written..],
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => *stdin = None,
        Err(error) if passing(&error) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

impl<R: Read> Output<'_, R> {
    /// Reads what is there.
    fn listen(&mut self) -> Result<(), Broken> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        let mut buffer = [0; 16 * 1024];
        match pipe.read(&mut buffer) {
            Ok(0) => self.pipe = None,
            Ok(read) if self.heard.len() + read > self.limit => {
                return Err(Broken::Output(self.name, self.limit));
            }
            Ok(read) => self.heard.extend_from_slice(&buffer[..read]),
            Err(error) if passing(&error) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

fn passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Waits for a process that has closed its outputs, which is its end but for odd ones.
fn wait(child: &mut Child, watch: &Watch<'_>) -> Result<(), Broken> {
    let mut pause = Duration::from_micros(100);
    while child.try_wait()?.is_none() {
        std::thread::sleep(watch.look()?.min(pause));
        pause = (pause * 2).min(TICK);
    }
    Ok(())
}
