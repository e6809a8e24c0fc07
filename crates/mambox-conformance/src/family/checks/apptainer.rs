//! Apptainer's ways in: those of all images, and the family's own programs.

use super::rows::{row, with_sh};
use crate::apptainer::{APPTAINER_CHECKS, Action, ApptainerCheck, check};
use crate::check::Need;
use crate::family::check::{FamilyCheck, Group, Look};

pub(super) fn rows() -> impl Iterator<Item = FamilyCheck> {
    APPTAINER_CHECKS.iter().chain(OWN).map(|check| FamilyCheck {
        needs: with_sh(check.needs),
        ..row(Group::Apptainer, check.name, Look::Apptainer(*check), &[])
    })
}

const OWN: &[ApptainerCheck] = &[
    check(
        "apptainer exec IMAGE _entrypoint.sh PROGRAM",
        Action::Exec(&["/usr/local/bin/_entrypoint.sh", "{show}"]),
    )
    .needs(Need::Sh),
    check("apptainer shell --shell _apptainer_shell.sh IMAGE, in it PROGRAM", Action::Shell("{show}"))
        .options(&["--shell", "/usr/local/bin/_apptainer_shell.sh"])
        .needs(Need::Sh),
];
