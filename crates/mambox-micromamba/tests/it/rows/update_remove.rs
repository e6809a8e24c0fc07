//! `update` and `remove`.

use crate::table::{Row, check, row};

fn made(id: &'static str, cites: &'static str, command: &'static str) -> Row {
    row(id, cites, command).before("install -q -n base -c {channel} trunk leaf=1.0 old")
}

pub(crate) fn rows() -> Vec<Row> {
    [updates(), removals()].concat()
}

fn updates() -> Vec<Row> {
    vec![
        made("update", "§1: update -c", "update -y -n base -c {channel} leaf")
            .says(&["Upgrade:", "leaf", "Unlinking leaf-1.0-0", "Linking leaf-2.0-0", "Transaction finished"])
            .holds("{root}/share/leaf", "leaf 2.0"),
        made("update-all", "§2: update -a", "update -y -n base -a -c {channel}").there("{root}/share/trunk"),
        row(
            "update-all-newer",
            "§2: update -a",
            "update -y -n base -a -c {channel} -c {other} --no-channel-priority",
        )
        .before("install -q -n base -c {channel} leaf")
        .holds("{root}/share/leaf", "leaf 3.0"),
        made(
            "update-unknown",
            "§4: a spec that is not installed is an error",
            "update -y -n base -c {channel} tool",
        )
        .exit(1)
        .warns(&["tool"]),
        row(
            "update-file-empty",
            "§4: update -f env.yml on an empty base fails",
            "update -y -n base -f e.yml",
        )
        .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\n")
        .exit(1),
        made("update-file", "§1: update -f", "update -y -n base -f e.yml")
            .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\n")
            .holds("{root}/share/leaf", "leaf 2.0"),
        made(
            "update-json",
            "§1 conda-lock: update --json --dry-run",
            "update --json --dry-run -n base -c {channel} leaf",
        )
        .json("/success", true)
        .json("/actions/LINK/0/version", "2.0")
        .json("/actions/UNLINK/0/version", "1.0")
        .holds("{root}/share/leaf", "leaf 1.0"),
        made("update-same", "§4", "update -y -n base -c {channel} trunk")
            .says(&["All requested packages already installed"]),
    ]
}

fn removals() -> Vec<Row> {
    vec![
        made("remove", "§1: remove -y -n", "remove -y -n base trunk")
            .says(&[
                "Transaction",
                "Remove:",
                "- branch",
                "- trunk",
                "Remove: 2 packages",
                "Unlinking trunk-1.0-0",
                "Transaction finished",
            ])
            .absent("{root}/share/trunk")
            .absent("{root}/bin/branch")
            .absent("{root}/conda-meta/trunk-1.0-0.json")
            .there("{root}/share/leaf"),
        made("remove-dependents", "§4 remove", "remove -y -n base leaf")
            .absent("{root}/share/leaf")
            .absent("{root}/share/trunk")
            .there("{root}/share/old"),
        made("remove-no-prune", "§2: --no-prune-deps", "remove -y -n base --no-prune-deps trunk")
            .there("{root}/bin/branch")
            .absent("{root}/share/trunk"),
        made("remove-force", "§2: -f", "remove -y -n base -f leaf")
            .absent("{root}/share/leaf")
            .there("{root}/share/trunk"),
        made("remove-all", "§2: -a", "remove -y -n base -a").absent("{root}/share").absent("{root}/bin"),
        made("remove-unknown", "§4", "remove -y -n base tool").exit(1).warns(&["tool"]),
        row("remove-missing", "§3", "remove -y -n nowhere leaf")
            .exit(1)
            .warns(&["No prefix found at: {root}/envs/nowhere"]),
        made("remove-no-target", "§3: remove falls back only to CONDA_PREFIX", "remove -y leaf")
            .exit(1)
            .there("{root}/share/leaf"),
        made("remove-active", "§3: CONDA_PREFIX", "remove -y old")
            .var("CONDA_PREFIX", "{root}")
            .absent("{root}/share/old"),
        made("remove-json", "§3 --json: UNLINK", "remove --json -n base old")
            .json("/success", true)
            .json("/actions/UNLINK/0/name", "old")
            .no_json("/actions/LINK"),
        made("remove-dry", "§2: --dry-run", "remove -y --dry-run -n base old")
            .says(&["Dry run."])
            .there("{root}/share/old"),
        made("remove-declined", "§3: declined", "remove -n base old").input("n\n").there("{root}/share/old"),
        made("uninstall", "§5: remove/uninstall", "uninstall -y -n base old").absent("{root}/share/old"),
        made("remove-history", "§6: history", "remove -y -n base old")
            .holds("{root}/conda-meta/history", "# remove specs:"),
        row("remove-script", "§4: pre-unlink runs, post-unlink does not", "remove -y -n base scripted")
            .before("install -q -n base -c {channel} scripted")
            .holds("{root}/pre-unlink.txt", "gone"),
        made("remove-foreign", "§4: files of nobody stay", "remove -y -n base -a")
            .file("{root}/share/mine", "mine")
            .there("{root}/share/mine"),
    ]
}

#[test]
fn update_remove() {
    check(&rows());
}
