//! Apptainer's ways in. Plain `exec` and `shell` are not active in the family: they know no entrypoint.

use super::rows::row;
use crate::apptainer::{Action, ApptainerCheck};
use crate::check::{Need, Words};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

pub(super) const ROWS: &[FamilyCheck] = &[
    enter("apptainer run IMAGE PROGRAM", &[], Action::Run(&["{show}"])),
    enter(
        "apptainer exec IMAGE _entrypoint.sh PROGRAM",
        &[],
        Action::Exec(&["/usr/local/bin/_entrypoint.sh", "{show}"]),
    ),
    enter(
        "apptainer shell --shell _apptainer_shell.sh IMAGE, in it PROGRAM",
        &["--shell", "/usr/local/bin/_apptainer_shell.sh"],
        Action::Shell("{show}"),
    ),
];

const fn enter(name: &'static str, options: Words, action: Action) -> FamilyCheck {
    let check =
        ApptainerCheck { name, host: &[], bashrc: "", options, action, needs: Need::Sh, instead: &[] };
    row(Group::Apptainer, name, Look::Apptainer(check), &[Expect::Active("base")])
}
