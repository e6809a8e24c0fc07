//! The package manager, without a network.

use super::rows::{row, run, start};
use crate::check::Words;
use crate::family::check::Expect::{Prints, PrintsVersion};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

/// One package of the probe's own channel.
const INSTALL: Words = &[
    "sh",
    "-c",
    "micromamba install -y -n base --override-channels -c {channel} tiny && cat {prefix}/share/tiny.txt",
];

/// Two lines end it: what micromamba says, and what the package brought.
const INSTALLED: &[Expect] = &[Prints("Transaction finished"), Prints("installed\n")];

const CREATE: Words =
    &["sh", "-c", "micromamba create -y -n fresh && test -d {prefix}/envs/fresh/conda-meta && echo made"];

pub(super) const ROWS: &[FamilyCheck] = &[
    manager("micromamba --version", run(&[], &["micromamba", "--version"]), &[PrintsVersion]),
    manager("micromamba create", Look::Itself(start(&[], CREATE)), &[Prints("made\n")]),
    manager(
        "micromamba create, as 1001:1001",
        Look::Itself(start(&["--user", "1001:1001"], CREATE)),
        &[Prints("made\n")],
    ),
    manager("micromamba install", run(&[], INSTALL), INSTALLED),
    manager("micromamba install, as 1001:1001", run(&["--user", "1001:1001"], INSTALL), INSTALLED),
    manager(
        "micromamba run -n env2 PROGRAM",
        run(&["--entrypoint", "micromamba"], &["run", "-n", "env2", "{show}"]),
        &[Expect::Active("env2")],
    ),
];

const fn manager(name: &'static str, look: Look, expects: &'static [Expect]) -> FamilyCheck {
    row(Group::Micromamba, name, look, expects)
}
