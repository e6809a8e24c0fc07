//! A root file system with programs of this machine, for tests that run something on it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::RootFs;

impl RootFs {
    /// Adds programs of this machine, at their paths, with the libraries that `ldd` names. Panics where one is
    /// missing: a test asks first, see [`RootFs::has_programs`].
    #[must_use]
    pub fn programs_of_this_machine(mut self, programs: &[&str]) -> Self {
        let mut libraries = BTreeSet::new();
        for program in programs {
            self = self.executable(program.trim_start_matches('/'), read(program));
            libraries.extend(libraries_of(program));
        }
        for library in libraries {
            self = self.executable(library.trim_start_matches('/'), read(&library));
        }
        self
    }

    /// Whether this machine has all of these programs.
    pub fn has_programs(programs: &[&str]) -> bool {
        programs.iter().all(|program| Path::new(program).is_file())
    }
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The absolute paths in what `ldd` prints, such as `libc.so.6 => /lib/…/libc.so.6 (0x…)`.
fn libraries_of(program: &str) -> Vec<String> {
    let output = Command::new("ldd").arg(program).output().unwrap_or_else(|error| panic!("ldd: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().filter(|word| word.starts_with('/')).map(str::to_owned).collect()
}
