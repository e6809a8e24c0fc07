//! `env list`, `export`, `update`, `remove` and `config vars`; `info`.

use serde_json::json;

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [lists(), exports(), changes(), info()].concat()
}

fn made(id: &'static str, cites: &'static str, command: &'static str) -> Row {
    row(id, cites, command)
        .before("install -q -n base -c {channel} old")
        .before("create -q -n e -c {channel} branch leaf=1.0")
}

fn lists() -> Vec<Row> {
    vec![
        made("env-list", "§4 env list: Name, Active, Path after two header lines", "env list").says(&[
            "Name",
            "Active",
            "Path",
            "──",
            "base",
            "{root}",
            "e",
            "{root}/envs/e",
        ]),
        made("env-list-awk", "§1: column 1 through awk", "$ {exe} env list | awk 'NR > 2 { print $1 }'")
            .prints("base\ne"),
        made("env-list-active", "§4: Active is *", "env list").var("CONDA_PREFIX", "{root}/envs/e").says(&[
            "e ",
            "*",
            "{root}/envs/e",
        ]),
        made("env-list-json", "§3: envs array", "env list --json")
            .json("/envs", json!(["{root}", "{root}/envs/e"])),
        made("env-list-elsewhere", "§6: environments.txt", "env list --json")
            .before("create -q -p {work}/far -c {channel} leaf")
            .length("/envs", 3),
    ]
}

fn exports() -> Vec<Row> {
    vec![
        made("export", "§4: name, channels, dependencies as name=version=build, prefix", "env export -n e")
            .says(&[
                "name: e",
                "channels:",
                "- {channel}",
                "dependencies:",
                "- branch=1.0=0",
                "- leaf=1.0=0",
                "prefix: {root}/envs/e",
            ]),
        made("export-prefix", "§2: -p", "env export -p {root}/envs/e").says(&["name: e"]),
        made("export-before", "§1: -p X env export", "-p {root}/envs/e env export").says(&["name: e"]),
        made("export-no-build", "§2: --no-build", "env export -n e --no-build")
            .says(&["- branch=1.0\n", "- leaf=1.0\n"]),
        made("export-history", "§2: --from-history", "env export -n e --from-history")
            .says(&["- branch", "- leaf=1.0"]),
        made("export-channel", "§2: --channel-subdir", "env export -n e --channel-subdir")
            .says(&["/noarch::leaf=1.0=0"]),
        made(
            "export-explicit",
            "§4: three comment lines, @EXPLICIT, URLs in topological order",
            "$ {exe} env export --name e --explicit | sed '1,3d; s/#.*//'",
        )
        .prints("@EXPLICIT\n{channel}/noarch/leaf-1.0-0.conda\n{channel}/linux-64/branch-1.0-0.conda"),
        made("export-explicit-short", "§2: -e", "env export -n e -e")
            .says(&["# platform: linux-64\n@EXPLICIT\n", ".conda#"]),
        made("export-md5", "§2: --md5", "env export -n e -e --md5").says(&["leaf-1.0-0.conda#"]),
        made("export-no-md5", "§2: --no-md5", "env export -n e -e --no-md5").silent(&[".conda#"]),
        made("export-round", "§3: an export can be installed", "create -y -n copy -f copy.txt")
            .before("$ {exe} env export -n e -e > {work}/copy.txt")
            .there("{root}/envs/copy/bin/branch")
            .holds("{root}/envs/copy/share/leaf", "leaf 1.0"),
        made("export-yaml-round", "§3: an export can be installed", "create -y -n copy -f copy.yml")
            .before("$ {exe} env export -n e > {work}/copy.yml")
            .holds("{root}/envs/copy/share/leaf", "leaf 1.0"),
        made("export-json", "§3 --json", "env export -n e --json")
            .json("/name", "e")
            .length("/dependencies", 2),
        row("export-missing", "§4: missing environment exits 1", "env export -n nowhere").exit(1),
    ]
}

fn changes() -> Vec<Row> {
    vec![
        row(
            "env-update-empty",
            "§4: update -f on an empty base: env update installs",
            "env update -y -n base -f e.yml",
        )
        .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\n")
        .there("{root}/share/leaf")
        .there("{root}/conda-meta/history"),
        made("env-update", "§2: env update -f", "env update -y -n e -f e.yml")
            .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\n")
            .holds("{root}/envs/e/share/leaf", "leaf 2.0")
            .there("{root}/envs/e/bin/branch"),
        made("env-update-prune", "§2: --prune", "env update -y -n e --prune -f e.yml")
            .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\n")
            .absent("{root}/envs/e/bin/branch"),
        made("env-remove", "§2: env remove", "env remove -y -n e")
            .absent("{root}/envs/e")
            .there("{root}/share/old"),
        row("env-remove-base", "§2: env remove", "env remove -y -n base")
            .before("install -q -n base -c {channel} old")
            .exit(1)
            .there("{root}/share/old"),
        row("env-remove-missing", "§2: env remove", "env remove -y -n nowhere")
            .exit(1)
            .warns(&["{root}/envs/nowhere"]),
        made("vars-set", "§2: env config vars", "env config vars set -n e COLOUR=green")
            .holds("{root}/envs/e/conda-meta/state", "green"),
        made("vars-list", "§2: env config vars", "env config vars list -n e")
            .before("env config vars set -n e COLOUR=green")
            .prints("COLOUR = green"),
        made("vars-used", "§5 activate: conda-meta/state", "run -n e /bin/sh -c 'echo $COLOUR'")
            .before("env config vars set -n e COLOUR=green")
            .prints("green"),
        made("vars-unset", "§5: ***unset*** skipped", "run -n e /bin/sh -c 'echo -$COLOUR-'")
            .before("env config vars set -n e COLOUR=green")
            .before("env config vars unset -n e COLOUR")
            .prints("--"),
    ]
}

fn info() -> Vec<Row> {
    vec![
        row("info", "§2: info", "info").says(&[
            "libmamba version : 2.8.1",
            "micromamba version : 2.8.1",
            "virtual packages :",
            "base environment : {root}",
            "platform : linux-64",
        ]),
        row("info-json", "§3: keys contain spaces", "info --json")
            .json("/micromamba version", "2.8.1")
            .json("/base environment", "{root}")
            .json("/envs directories", json!(["{root}/envs"]))
            .json("/platform", "linux-64"),
        row("info-base", "§2: --base", "info --base").prints("{root}"),
        made("info-envs", "§2: -e", "info -e").says(&["{root}", "{root}/envs/e"]),
        made("info-active", "§3: target", "info").var("CONDA_PREFIX", "{root}/envs/e").says(&["e (active)"]),
        made("info-name", "§1 setup-micromamba: info -r -n", "info -r {root} -n e").says(&["{root}/envs/e"]),
        row("info-cuda", "§3: CONDA_OVERRIDE_CUDA", "info")
            .var("CONDA_OVERRIDE_CUDA", "12.4")
            .says(&["__cuda=12.4"]),
        row("info-no-cuda", "§3: set but empty means none", "info")
            .var("CONDA_OVERRIDE_CUDA", "")
            .silent(&["__cuda"]),
        row("info-overrides", "§3: CONDA_OVERRIDE_{GLIBC,LINUX,ARCHSPEC}", "info")
            .var("CONDA_OVERRIDE_GLIBC", "2.5")
            .var("CONDA_OVERRIDE_LINUX", "5.4")
            .var("CONDA_OVERRIDE_ARCHSPEC", "zen2")
            .says(&["__archspec=1=zen2"])
            .says(&["__glibc=2.5"])
            .says(&["__linux=5.4"]),
    ]
}

#[test]
fn env() {
    check(&rows());
}
