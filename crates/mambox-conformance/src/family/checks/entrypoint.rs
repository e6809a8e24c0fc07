//! What the entrypoint does beside activating `base`.

use super::rows::{row, run, start};
use crate::family::check::Expect::{Active, Complains, Exits, NotActive, Prints, PrintsOnly, Sets, SetsNot};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

pub(super) const ROWS: &[FamilyCheck] = &[
    entry(
        "run -e MAMBA_USER=other IMAGE PROGRAM: refused, naming both users",
        run(&["-e", "MAMBA_USER=other"], &["{show}"]),
        &[Exits(1), Complains("{user}"), Complains("other"), PrintsOnly("")],
    ),
    entry(
        "USER and HOME are set where a user has none",
        run(&["--user", "1001:1001", "-e", "HOME=/"], &["{show}"]),
        &[Sets("USER", "{user}"), Sets("HOME", "/home/{user}")],
    ),
    entry(
        "USER and HOME stay where they are set",
        run(&["--user", "1001:1001", "-e", "HOME=/tmp", "-e", "USER=kai"], &["{show}"]),
        &[Active("base"), Sets("USER", "kai"), Sets("HOME", "/tmp")],
    ),
    entry(
        "root stays root",
        run(&["--user", "0:0"], &["{show}"]),
        &[Active("base"), SetsNot("USER", "{user}"), SetsNot("HOME", "/home/{user}")],
    ),
    entry(
        "run --user 1001:1001 IMAGE PROGRAM",
        run(&["--user", "1001:1001"], &["{show}"]),
        &[Active("base")],
    ),
    entry("run --read-only IMAGE PROGRAM", run(&["--read-only"], &["{show}"]), &[Active("base")]),
    entry(
        "run -e ENV_NAME=env2 IMAGE PROGRAM",
        run(&["-e", "ENV_NAME=env2"], &["{show}"]),
        &[Active("env2")],
    ),
    entry(
        "ENV ENV_NAME=env2, CMD [\"PROGRAM\"]",
        Look::Derived(&["ENV ENV_NAME=env2", "CMD [\"{show}\"]"], start(&[], &[])),
        &[Active("env2")],
    ),
    entry(
        "run -e ENV_NAME=env2 -e MAMBA_SKIP_ACTIVATE=1 IMAGE PROGRAM",
        run(&["-e", "ENV_NAME=env2", "-e", "MAMBA_SKIP_ACTIVATE=1"], &["{show}"]),
        &[NotActive],
    ),
    entry("the exit status is the program's", run(&[], &["sh", "-c", "exit 42"]), &[Exits(42)]),
    entry(
        "words come through as they are",
        run(&[], &["sh", "-c", "printf '<%s>' \"$@\"", "sh", "a  b", "$HOME", "", "it's"]),
        &[Prints("<a  b><$HOME><><it's>")],
    ),
    entry(
        "nothing is written to HOME",
        run(&["--tmpfs", "/probe-home:mode=1777", "-e", "HOME=/probe-home"], &["ls", "-A", "/probe-home"]),
        &[PrintsOnly("")],
    ),
    entry("the account's home stays as it is", Look::LikeWithoutEntrypoint(&["ls", "-lnA", "{home}"]), &[]),
];

const fn entry(name: &'static str, look: Look, expects: &'static [Expect]) -> FamilyCheck {
    row(Group::Entrypoint, name, look, expects)
}
