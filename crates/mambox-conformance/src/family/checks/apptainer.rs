//! Apptainer's ways in: those of all images, and the family's own programs.

use super::rows::row;
use crate::apptainer::{APPTAINER_CHECKS, Action, ApptainerCheck};
use crate::check::{Need, Words};
use crate::family::check::{FamilyCheck, Group, Look};

pub(super) fn rows() -> impl Iterator<Item = FamilyCheck> {
    // The program that shows its environment is a script.
    let needs = |check: &ApptainerCheck| -> &'static [Need] {
        if check.needs == Need::Bash { &[Need::Sh, Need::Bash] } else { &[Need::Sh] }
    };
    let all = APPTAINER_CHECKS.iter();
    let all = all.map(move |check| FamilyCheck { needs: needs(check), ..enter(*check) });
    all.chain(OWN.iter().map(|check| enter(*check)))
}

const OWN: &[ApptainerCheck] = &[
    own(
        "apptainer exec IMAGE _entrypoint.sh PROGRAM",
        &[],
        Action::Exec(&["/usr/local/bin/_entrypoint.sh", "{show}"]),
    ),
    own(
        "apptainer shell --shell _apptainer_shell.sh IMAGE, in it PROGRAM",
        &["--shell", "/usr/local/bin/_apptainer_shell.sh"],
        Action::Shell("{show}"),
    ),
];

const fn own(name: &'static str, options: Words, action: Action) -> ApptainerCheck {
    let active = Some("base");
    ApptainerCheck { name, host: &[], bashrc: "", options, action, needs: Need::Sh, active, instead: &[] }
}

const fn enter(check: ApptainerCheck) -> FamilyCheck {
    row(Group::Apptainer, check.name, Look::Apptainer(check), &[])
}
