//! `run`.

use crate::table::{Row, check, row};

/// `tool` is installed in base and in the environment `e`.
fn ready(id: &'static str, cites: &'static str, command: &'static str) -> Row {
    row(id, cites, command)
        .before("install -q -n base -c {channel} tool envy")
        .before("create -q -n e -c {channel} tool")
}

pub(crate) fn rows() -> Vec<Row> {
    [ways(), statuses(), options()].concat()
}

fn ways() -> Vec<Row> {
    vec![
        ready("run", "§5 run: activates, then execs", "run -n base tool a 'b c'")
            .prints("tool a b c in base")
            .calm(),
        ready("run-name", "§2: -n", "run -n e tool").prints("tool in e"),
        ready("run-prefix", "§2: -p", "run -p {root}/envs/e tool").prints("tool in e"),
        row("run-root", "§2: -r", "run -r {work}/r -n e tool")
            .before("create -q -r {work}/r -n e -c {channel} tool")
            .prints("tool in e"),
        ready("run-before", "§1: -n X run", "-n e run tool").prints("tool in e"),
        ready("run-base", "§3: the root prefix in the end", "run tool").prints("tool in base"),
        ready("run-active", "§3: CONDA_PREFIX", "run tool")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .prints("tool in e"),
        ready("run-target", "§3: MAMBA_TARGET_PREFIX", "run tool")
            .var("MAMBA_TARGET_PREFIX", "{root}/envs/e")
            .prints("tool in e"),
        ready(
            "run-shell",
            "§1: SHELL [micromamba, run, -n, X, /bin/bash, -c]",
            "run -n base /bin/sh -c 'echo $CONDA_PREFIX $1' x y",
        )
        .prints("{root} y"),
        ready(
            "run-scripts",
            "§5: activate.d is sourced, env_vars.d set",
            "run -n base /bin/sh -c 'echo $ENVY_SCRIPT $ENVY_COLOUR'",
        )
        .prints("sourced green"),
        ready("run-words", "§5: option parsing ends at the first positional", "run -n base tool -n x --json")
            .prints("tool -n x --json in base"),
        ready("run-dashes", "§5", "run -n base -- tool -x").prints("tool -x in base"),
        ready("run-stdin", "§5: stdio inherited", "run -n base /bin/cat")
            .input("through\n")
            .prints("through"),
        ready("run-home", "§8: writes nothing in HOME", "run -n e tool")
            .absent("{home}/.cache")
            .absent("{home}/.mamba"),
    ]
}

fn statuses() -> Vec<Row> {
    vec![
        ready("run-status", "§5: exit status passed through", "run -n base ends-with 42").exit(42),
        ready("run-signal", "§8: 128+n", "$ {exe} run -n base /bin/sh -c 'kill -TERM $$'; exit $?").exit(143),
        row("run-nothing", "§5: no command: exit 1", "run -n base").exit(1),
        row("run-missing", "§5: The given prefix does not exist:", "run -n nowhere tool")
            .exit(1)
            .warns(&["The given prefix does not exist:", "{root}/envs/nowhere"]),
        ready("run-cwd-bad", "§5: bad --cwd: exit 255", "run -n base --cwd /nowhere tool").exit(255),
        ready("run-unknown", "§5: unknown program: 127", "run -n base no-such-program")
            .exit(127)
            .warns(&["no-such-program"]),
    ]
}

fn options() -> Vec<Row> {
    vec![
        ready("run-cwd", "§2: --cwd", "run -n base --cwd {home} /bin/pwd").prints("{home}"),
        ready("run-e", "§5: -e K=V sets", "run -n base -e A=1 -e B= /bin/sh -c 'echo $A-$B-'").prints("1--"),
        ready(
            "run-e-copies",
            "§5: -e K copies",
            "run -n base --clean-env -e KEPT /bin/sh -c 'echo $KEPT-$LOST-'",
        )
        .var("KEPT", "kept")
        .var("LOST", "lost")
        .prints("kept--"),
        ready(
            "run-clean",
            "§5: --clean-env empties the environment",
            "run -n base --clean-env /bin/sh -c 'echo $HOME-$CONDA_PREFIX'",
        )
        .prints("-{root}"),
        ready(
            "run-detach",
            "§5: -d prints Kill process with, exit 0",
            "run -n base -d /bin/sh -c 'echo done > {work}/done'",
        )
        .says(&["Kill process with: kill "]),
        ready(
            "run-attach",
            "§5: -a names streams to keep",
            "run -n base -a stderr /bin/sh -c 'echo out; echo err >&2'",
        )
        .prints("")
        .warns(&["err"]),
        ready("run-label", "§2: --label is accepted", "run -n base --label x tool").prints("tool in base"),
    ]
}

#[test]
fn run() {
    check(&rows());
}
