//! Starts `bwrap`, and sees that nothing of the sandbox outlives it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};

use crate::exchange::{Broken, Heard, Watch, exchange};
use crate::status::Status;
use crate::{Finished, Limits, SandboxError, Task};

/// Between us and bwrap: sets the umask, which one cannot do for a child alone; gives bwrap its status file as descriptor
/// 3; and closes what the caller may have left open (the job server of make, for one).
const LAUNCHER: &str = r#"umask 022; exec "$@" 3>"$0" 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"#;

/// There on every machine that has bwrap.
pub(crate) const SHELL: &str = "/bin/sh";

/// How long the kernel may take to kill what is left, in seconds.
const LAST_WAIT: i64 = 10;

/// A process that does not outlive its owner.
struct Running {
    child: Child,
    status: Status,
    done: bool,
}

/// Runs a task with a finished command line.
pub(crate) fn run(
    bwrap: &Path,
    arguments: &[OsString],
    root: &Path,
    task: &Task<'_>,
) -> Result<Finished, SandboxError> {
    let mut heard = Heard::default();
    let code = run_bwrap(bwrap, arguments, &task.input, &task.limits, task.stop, &mut heard);
    let program = task.program.to_owned();
    match code {
        Ok(Some(code)) => Ok(Finished { code, stdout: heard.stdout, stderr: heard.stderr }),
        Ok(None) => Err(not_started(program, root, &heard.stderr)),
        Err(Broken::Time) => {
            Err(SandboxError::TimedOut { program, limit: task.limits.time, stderr: heard.stderr })
        }
        Err(Broken::Output(stream, limit)) => Err(SandboxError::TooMuchOutput { program, stream, limit }),
        Err(Broken::Stopped) => Err(SandboxError::Stopped { program }),
        Err(Broken::System(source)) => {
            Err(SandboxError::Io { action: "run", path: bwrap.to_owned(), source })
        }
    }
}

/// The exit code of the program in the sandbox, none if it could not be started; then `heard` holds bwrap's reason.
pub(crate) fn run_bwrap(
    bwrap: &Path,
    arguments: &[OsString],
    input: &[u8],
    limits: &Limits,
    stop: Option<&(dyn Fn() -> bool + Sync)>,
    heard: &mut Heard,
) -> Result<Option<i32>, Broken> {
    let status = Status::new()?;
    let watch = Watch::start(limits, stop);
    let child = Command::new(SHELL)
        .args(["-c", LAUNCHER])
        .arg(status.path())
        .arg(bwrap)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut running = Running { child, status, done: false };
    exchange(&mut running.child, input, limits, &watch, heard)?;
    running.finish();
    Ok(running.status.exit_code())
}

impl Running {
    /// After bwrap's end: what the program left behind is being killed by the kernel; waits for that.
    fn finish(&mut self) {
        self.done = true;
        if let Some(first) = self.status.first_process()
            && let Ok(first) = pidfd_open(first, PidfdFlags::empty())
        {
            wait_for_end(&first);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        // With the first process of a pid namespace go all others. bwrap still waits for it, so the number is its own.
        let first = self.status.first_process().and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        if let Some(first) = &first {
            let _ = pidfd_send_signal(first, Signal::KILL);
        }
        // Before it has set itself up, the first process is not bound to bwrap's life, but it is in its group.
        if let Ok(group) = i32::try_from(self.child.id())
            && let Some(group) = Pid::from_raw(group)
        {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
        if let Some(first) = &first {
            wait_for_end(first);
        }
    }
}

fn wait_for_end(process: &impl std::os::fd::AsFd) {
    let longest = Timespec { tv_sec: LAST_WAIT, tv_nsec: 0 };
    let _ = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&longest));
}

/// Why bwrap did not start the program; without a locale it speaks English.
fn not_started(program: String, root: &Path, stderr: &[u8]) -> SandboxError {
    let said = words(stderr);
    match said.strip_prefix(&format!("execvp {program}: ")) {
        Some(reason) => SandboxError::Program { program, root: root.to_owned(), said: reason.to_owned() },
        None => SandboxError::SetUp { program, said },
    }
}

/// What bwrap said, in one line without its name.
pub(crate) fn words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.lines().map(|line| line.strip_prefix("bwrap: ").unwrap_or(line)).collect();
    if lines.is_empty() { "it ended without a word".to_owned() } else { lines.join("; ") }
}
