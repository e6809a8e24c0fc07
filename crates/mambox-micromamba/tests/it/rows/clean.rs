//! `clean`.

use crate::table::{Row, check, row};

/// leaf is in the base environment and in the cache, old only in the cache.
fn filled(id: &'static str, cites: &'static str, command: &'static str) -> Row {
    row(id, cites, command).before("install -q -n base -c {channel} leaf old").before("remove -q -n base old")
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        filled("clean-nothing", "§4 clean: no flag", "clean")
            .prints("Nothing to do.")
            .there("{pkgs}/noarch/leaf-2.0-0.conda"),
        filled("clean-all", "§1: clean --all --yes", "clean --all --yes")
            .says(&[
                "Collect information..",
                "Cleaning index cache..",
                "Cleaning lock files..",
                "Cleaning tarballs..",
                "Cleaning packages..",
            ])
            .calm()
            .absent("{pkgs}/noarch/leaf-2.0-0.conda")
            .absent("{pkgs}/linux-64/old-1.0-0")
            .there("{pkgs}/noarch/leaf-2.0-0")
            .there("{root}/share/leaf"),
        filled("clean-all-disk", "§1, on disk", "clean --all --yes")
            .on_disk()
            .absent("{pkgs}/linux-64/old-1.0-0"),
        filled("clean-all-short", "§2: -a", "clean -a -y").absent("{pkgs}/noarch/leaf-2.0-0.conda"),
        filled("clean-all-asked", "§3: questions default to yes", "clean -a")
            .says(&["Remove tarballs", "Remove unused packages"])
            .absent("{pkgs}/linux-64/old-1.0-0"),
        filled("clean-all-declined", "§3", "clean -a").input("n\nn\n").there("{pkgs}/linux-64/old-1.0-0"),
        filled("clean-home-cache", "§4: -a cleans all of ~/.cache/conda", "clean -a -y")
            .file("{home}/.cache/conda/pkgs/cache/shards/x", "shard")
            .absent("{home}/.cache/conda"),
        filled("clean-index", "§2: -i", "clean -i -y")
            .says(&["Cleaning index cache.."])
            .silent(&["Cleaning tarballs.."])
            .there("{pkgs}/noarch/leaf-2.0-0.conda"),
        filled("clean-packages", "§2: -p", "clean -p -y")
            .absent("{pkgs}/linux-64/old-1.0-0")
            .there("{pkgs}/linux-64/old-1.0-0.tar.bz2"),
        filled("clean-tarballs", "§2: -t", "clean -t -y")
            .absent("{pkgs}/linux-64/old-1.0-0.tar.bz2")
            .there("{pkgs}/linux-64/old-1.0-0"),
        filled("clean-locks", "§2: -l", "clean -l -y")
            .file("{root}/pkgs/some.lock", "")
            .absent("{root}/pkgs/some.lock"),
        filled("clean-trash", "§2: --trash", "clean --trash -y").says(&["Cleaning trash.."]),
        filled("clean-force", "§4: -f removes writable pkgs dirs", "clean -f -y")
            .absent("{root}/pkgs")
            .there("{root}/share/leaf"),
        filled("clean-force-all", "§1: -afy", "clean -afy").absent("{root}/pkgs"),
        filled("clean-force-nobody", "§8: -f without -y at end of input: stop", "clean -f")
            .exit(1)
            .there("{pkgs}/noarch/leaf-2.0-0"),
        filled("clean-dry", "§2: --dry-run", "clean -a -y --dry-run").there("{pkgs}/noarch/leaf-2.0-0.conda"),
        filled("clean-json", "§3 --json", "clean -a --json")
            .json("/success", true)
            .absent("{pkgs}/noarch/leaf-2.0-0.conda"),
        filled("clean-quiet", "§1: -q", "clean -a -q").prints("").absent("{pkgs}/noarch/leaf-2.0-0.conda"),
        filled("clean-install", "§1: install again after clean", "create -y -n e -c {channel} leaf old")
            .before("clean -a -y")
            .there("{root}/envs/e/share/old"),
        row("clean-environment", "§4: recorded in root/envs/*", "clean -a -y")
            .before("create -q -n e -c {channel} leaf")
            .there("{pkgs}/noarch/leaf-2.0-0"),
        row("clean-empty", "§4: where there is nothing", "clean --all --yes")
            .says(&["Cleaning packages.."])
            .calm(),
        row(
            "idiom",
            "§1: install -y -n base -f env.yaml && clean --all --yes",
            "$ {exe} install -y -n base -f env.yaml && {exe} clean --all --yes",
        )
        .file("env.yaml", "name: base\nchannels: ['{channel}']\ndependencies:\n  - trunk\n")
        .says(&["Transaction finished", "Collect information.."])
        .calm()
        .there("{root}/share/trunk")
        .absent("{pkgs}/noarch/leaf-2.0-0.conda"),
    ]
}

#[test]
fn clean() {
    check(&rows());
}
