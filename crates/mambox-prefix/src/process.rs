//! Which process is at work, for where there is no lock to tell it.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process, told from later ones with the same number by when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) id: u32,
    /// In the kernel's ticks since it started; 0 where there is no `/proc`.
    started: u64,
}

impl Process {
    pub(crate) fn this() -> Self {
        let id = std::process::id();
        Self { id, started: started(id).unwrap_or(0) }
    }

    /// Whether it is another one that still runs. Not sure where there is no `/proc`: then it is taken for dead.
    pub(crate) fn is_another_alive(self) -> bool {
        self != Self::this() && self.started != 0 && started(self.id) == Some(self.started)
    }
}

/// proc(5), `/proc/pid/stat`, field 22; the second field may hold spaces and parentheses.
fn started(id: u32) -> Option<u64> {
    let text = fs::read(format!("/proc/{id}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, fields) = text.rsplit_once(") ")?;
    fields.split(' ').nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_with_its_number() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let process = Process { id: child.id(), started: started(child.id()).unwrap() };
        assert!(process.is_another_alive());
        assert!(!Process { started: process.started + 1, ..process }.is_another_alive());
        assert!(!Process::this().is_another_alive());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!process.is_another_alive());
    }
}
