//! Which prefix a command works on, and which root.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "both",
            "§3 target prefix: -p and -n: an error",
            "install -y -n base -p {work}/x -c {channel} leaf",
        )
        .exit(1),
        row("target-variable", "§3: MAMBA_TARGET_PREFIX", "create -y -c {channel} leaf")
            .var("MAMBA_TARGET_PREFIX", "{work}/x")
            .there("x/share/leaf"),
        row("target-active", "§3: install falls back to CONDA_PREFIX", "install -y -c {channel} old")
            .before("create -q -n e -c {channel} leaf")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .there("{root}/envs/e/share/old"),
        row("target-root", "§3: and in the end to the root prefix", "install -y -c {channel} leaf")
            .there("{root}/share/leaf"),
        row("name-slash", "§3: -n with a slash is an error", "install -y -n a/b -c {channel} leaf").exit(1),
        row(
            "prefix-name",
            "§3: -p without a slash is taken as a name, with a warning",
            "install -y -p e -c {channel} old",
        )
        .before("create -q -n e -c {channel} leaf")
        .warns(&["warning"])
        .there("{root}/envs/e/share/old"),
        row(
            "missing",
            "§3: install into a missing prefix: No prefix found at",
            "install -y -n nowhere -c {channel} leaf",
        )
        .exit(1)
        .warns(&["No prefix found at: {root}/envs/nowhere"])
        .absent("{root}/envs/nowhere"),
        row(
            "base-made",
            "§3: install -n base creates conda-meta/history",
            "install -y -n base -c {channel} leaf",
        )
        .there("{root}/conda-meta/history"),
        row("envs-dirs", "§3: CONDA_ENVS_DIRS", "create -y -n e -c {channel} leaf")
            .var("CONDA_ENVS_DIRS", "{work}/envs")
            .there("envs/e/share/leaf"),
        row("envs-path", "§3: CONDA_ENVS_PATH", "create -y -n e -c {channel} leaf")
            .var("CONDA_ENVS_PATH", "{work}/envs")
            .there("envs/e/share/leaf"),
        row("envs-rc", "§3: rc envs_dirs", "create -y -n e -c {channel} leaf")
            .file("{home}/.condarc", "envs_dirs: ['{work}/envs']\n")
            .there("envs/e/share/leaf"),
        row("root-option", "§3 root prefix: -r first", "install -y -r {work}/r -n base -c {channel} leaf")
            .there("r/share/leaf")
            .absent("{root}"),
        row("root-micromamba", "§3: ~/micromamba if it is a root", "info --base")
            .without("MAMBA_ROOT_PREFIX")
            .file("{home}/micromamba/conda-meta/history", "")
            .prints("{home}/micromamba"),
        row("root-data", "§3: ~/.local/share/mamba", "info --base")
            .without("MAMBA_ROOT_PREFIX")
            .prints("{home}/.local/share/mamba"),
        row("root-xdg", "§3: XDG_DATA_HOME", "info --base")
            .without("MAMBA_ROOT_PREFIX")
            .var("XDG_DATA_HOME", "{work}/data")
            .prints("{work}/data/mamba"),
        row("relative", "§3: relative paths", "create -y -p ./here -c {channel} leaf")
            .there("here/share/leaf"),
    ]
}

#[test]
fn prefixes() {
    check(&rows());
}
