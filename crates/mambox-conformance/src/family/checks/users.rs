//! Accounts of derived images.

use super::rows::{row, start, typing};
use crate::check::{Need, Words};
use crate::family::check::Expect::{Active, Prints, Prompts, Sets};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

/// Another account, by whichever tool the image has.
const FRESH: Words = &[
    "USER root",
    "RUN if command -v useradd >/dev/null; then useradd -m -s /bin/bash fresh; \
     else adduser -D -s /bin/bash fresh; fi",
    "USER fresh",
];

/// As the documentation says to do it.
const RENAMED: Words = &[
    "USER root",
    "RUN usermod --login=renamed --home=/home/renamed --move-home -u 5001 {user} && \
     groupmod --new-name=renamed -g 5001 {user} && echo renamed >/etc/arg_mamba_user",
    "ENV MAMBA_USER=renamed",
    "USER renamed",
];

pub(super) const ROWS: &[FamilyCheck] = &[
    user(
        "useradd in a derived image, bash -i: prompt",
        Look::Derived(FRESH, typing(&["--entrypoint", "bash"], &["-i"], "exit\n")),
        &[Prompts("(base) ")],
    )
    .needs(&[Need::Sh, Need::Bash, Need::UserAdd]),
    user(
        "useradd in a derived image, run IMAGE PROGRAM",
        Look::Derived(FRESH, start(&[], &["{show}"])),
        &[Active("base")],
    )
    .needs(&[Need::Sh, Need::Bash, Need::UserAdd]),
    user(
        "the user renamed in a derived image, run IMAGE PROGRAM",
        Look::Derived(RENAMED, start(&[], &["{show}"])),
        &[Active("base"), Sets("USER", "renamed"), Sets("HOME", "/home/renamed")],
    ),
    user(
        "the user renamed in a derived image, its ids",
        Look::Derived(RENAMED, start(&["--entrypoint", "id"], &[])),
        &[Prints("uid=5001(renamed) gid=5001(renamed)")],
    ),
    user(
        "the user renamed in a derived image, bash -i: prompt",
        Look::Derived(RENAMED, typing(&["--entrypoint", "bash"], &["-i"], "exit\n")),
        &[Prompts("(base) ")],
    )
    .needs(&[Need::Sh, Need::Bash, Need::UserMod]),
];

const fn user(name: &'static str, look: Look, expects: &'static [Expect]) -> FamilyCheck {
    row(Group::Users, name, look, expects).needs(&[Need::Sh, Need::UserMod])
}
