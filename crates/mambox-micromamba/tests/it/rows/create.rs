//! `create`, which is `env create` as well.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [words(), refusals(), options()].concat()
}

fn words() -> Vec<Row> {
    vec![
        row("create-words", "§4 install/create stdout, in order", "create -y -n e -c {channel} leaf")
            .says(&[
                "Transaction",
                "Prefix: {root}/envs/e",
                "Updating specs:",
                "- leaf",
                "Install: 1 packages",
                "Transaction starting",
                "Linking leaf-2.0-0",
                "Transaction finished",
                "To activate this environment, use:",
                "micromamba activate e",
            ])
            .holds("{root}/envs/e/share/leaf", "leaf 2.0"),
        row("create-disk", "§4, on disk", "create -y -n e -c {channel} leaf")
            .on_disk()
            .there("{root}/envs/e/share/leaf"),
        row("create-active", "§4: no hint if active", "create -y -n e -c {channel} leaf")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .silent(&["To activate this environment"]),
        row("create-empty", "§4: empty", "create -y -n e")
            .says(&["Empty environment created at prefix: {root}/envs/e"])
            .there("{root}/envs/e/conda-meta/history"),
        row("create-json", "§3 --json", "create --json -n e -c {channel} leaf")
            .json("/success", true)
            .json("/prefix", "{root}/envs/e")
            .json("/actions/PREFIX", "{root}/envs/e")
            .length("/actions/LINK", 1),
        row(
            "create-dry-json",
            "§1 conda-lock: create --dry-run --json --override-channels",
            "create --prefix {work}/fake --dry-run --json --override-channels --channel {channel} branch",
        )
        .json("/success", true)
        .json("/dry_run", true)
        .length("/actions/FETCH", 2)
        .json("/actions/FETCH/0/name", "leaf")
        .absent("fake"),
        row("create-registers", "§6: ~/.conda/environments.txt", "create -y -p {work}/e -c {channel} leaf")
            .holds("{home}/.conda/environments.txt", "{work}/e"),
        row("env-create", "§2: env create", "env create -y -n e -c {channel} leaf")
            .there("{root}/envs/e/share/leaf"),
        row("env-create-file", "§1: env create -f", "env create -f e.yml")
            .file("e.yml", "name: named\nchannels: ['{channel}']\ndependencies: [leaf]\n")
            .there("{root}/envs/named/share/leaf"),
        row(
            "env-create-prefix",
            "§1 pre-commit: env create -p X --file",
            "env create -p {work}/x --file e.yml",
        )
        .file("e.yml", "name: named\nchannels: ['{channel}']\ndependencies: [leaf]\n")
        .there("x/share/leaf"),
        row("create-variables", "§3: variables to conda-meta/state", "create -y -n e -f e.yml")
            .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\nvariables: {colour: green}\n")
            .holds("{root}/envs/e/conda-meta/state", "green"),
    ]
}

fn refusals() -> Vec<Row> {
    vec![
        row("create-no-target", "§3: create has no fallback", "create -y -c {channel} leaf")
            .exit(1)
            .warns(&["No target prefix specified"]),
        row("create-no-target-active", "§3: create has no fallback", "create -y -c {channel} leaf")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .exit(1),
        row("create-base", "§3: create -n base where no root is", "create -y -n base -c {channel} leaf")
            .there("{root}/share/leaf"),
        row(
            "create-base-again",
            "§3: Overwriting root prefix is not permitted",
            "create -y -n base -c {channel} leaf",
        )
        .before("install -y -n base -c {channel} leaf")
        .exit(1)
        .warns(&["Overwriting root prefix is not permitted"])
        .there("{root}/share/leaf"),
        row("create-over", "§3: create -y over an existing environment", "create -y -n e -c {channel} old")
            .before("create -y -n e -c {channel} leaf")
            .there("{root}/envs/e/share/old")
            .absent("{root}/envs/e/share/leaf"),
        row("create-over-asked", "§3: Overwrite? defaults to no", "create -n e -c {channel} old")
            .before("create -y -n e -c {channel} leaf")
            .exit(1)
            .says(&["Overwrite?"])
            .warns(&["Aborting."])
            .there("{root}/envs/e/share/leaf"),
        row("create-over-yes", "§3: Overwrite? y", "create -n e -c {channel} old")
            .before("create -y -n e -c {channel} leaf")
            .input("y\ny\n")
            .says(&["Overwrite?", "Transaction finished"])
            .there("{root}/envs/e/share/old"),
        row(
            "create-over-fails",
            "§8: a failure leaves what was there",
            "create -y -n e -c {channel} no-such-package",
        )
        .before("create -y -n e -c {channel} leaf")
        .exit(1)
        .there("{root}/envs/e/share/leaf"),
        row(
            "create-foreign",
            "§3: a non-empty directory that is no environment",
            "create -y -p {work}/x -c {channel} leaf",
        )
        .file("x/precious", "mine")
        .exit(1)
        .warns(&["Non-conda folder exists at prefix"])
        .there("x/precious"),
        row("create-dry-over", "§2: --dry-run", "create -y --dry-run -n e -c {channel} old")
            .before("create -y -n e -c {channel} leaf")
            .there("{root}/envs/e/share/leaf"),
    ]
}

fn options() -> Vec<Row> {
    vec![
        row("create-set", "§2: create has install's options",
            "create -y -n e --override-channels --channel-priority flexible --no-pin --no-py-pin --copy --no-pyc \
             --allow-uninstall --allow-downgrade --ssl-verify true -c {channel} leaf")
            .there("{root}/envs/e/share/leaf"),
        row("create-set-2", "§2: create has install's options",
            "create -y -n e --strict-channel-priority --always-copy --pyc -c {channel} leaf").there("{root}/envs/e/share/leaf"),
        row("create-softlinks", "§2: create has install's options", "create -y -n e --always-softlink -c {channel} leaf")
            .there("{root}/envs/e/share/leaf"),
        row("create-no-deps", "§2", "create -y -n e --no-deps -c {channel} branch").absent("{root}/envs/e/share/leaf"),
        row("create-only-deps", "§2", "create -y -n e --only-deps -c {channel} branch")
            .there("{root}/envs/e/share/leaf")
            .absent("{root}/envs/e/bin/branch"),
        row("create-cacert", "§2", "create -y -n e --cacert-path /nowhere.pem -c {channel} leaf").exit(1),
        row("create-freeze", "§2: minus freeze/force", "create -y -n e --freeze-installed -c {channel} leaf").exit(109),
        row("clone", "§2: --clone", "create -y -n copy --clone e")
            .before("create -y -n e -c {channel} branch")
            .holds("{root}/envs/copy/bin/branch", "branch of {root}/envs/copy"),
        row("clone-missing", "§2: --clone", "create -y -n copy --clone e").exit(1).warns(&["{root}/envs/e"]),
    ]
}

#[test]
fn create() {
    check(&rows());
}
