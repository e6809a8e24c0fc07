//! What `bwrap` reports about itself, apart from what the program says.
//!
//! With `--json-status-fd` it writes `{ "child-pid": N, … }` when it has made the sandbox, and `{ "exit-code": N }` when the
//! program ended; the second is missing where the program could not be started.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::Pid;

/// More than the two lines take.
const MOST: usize = 4096;

/// A file in memory that `bwrap` writes to.
#[derive(Debug)]
pub(crate) struct Status(File);

impl Status {
    /// An empty one.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(File::from(memfd_create("bwrap-status", MemfdFlags::CLOEXEC)?)))
    }

    /// Where another process of this user can open it, as long as this one lives.
    pub(crate) fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd()).into()
    }

    /// The first process of the sandbox, as this machine counts, once there is one.
    pub(crate) fn first_process(&self) -> Option<Pid> {
        number_after(&self.text(), "\"child-pid\":").and_then(Pid::from_raw)
    }

    /// The program's exit code, if it was started and has ended.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        number_after(&self.text(), "\"exit-code\":")
    }

    fn text(&self) -> String {
        let mut bytes = vec![0; MOST];
        let read = self.0.read_at(&mut bytes, 0).unwrap_or(0);
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    }
}

fn number_after(text: &str, key: &str) -> Option<i32> {
    let (_, rest) = text.split_once(key)?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        let text = "{ \"child-pid\": 4711, \"pid-namespace\": 4026532257 }\n{ \"exit-code\": 7 }\n";
        assert_eq!(number_after(text, "\"child-pid\":"), Some(4711));
        assert_eq!(number_after(text, "\"exit-code\":"), Some(7));
        assert_eq!(number_after("{}", "\"exit-code\":"), None);
        assert_eq!(number_after("\"exit-code\":", "\"exit-code\":"), None);
    }
}
