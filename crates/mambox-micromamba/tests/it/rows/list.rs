//! `list`.

use crate::table::{Row, check, row};

fn made(id: &'static str, cites: &'static str, command: &'static str) -> Row {
    row(id, cites, command).before("create -q -n e -c {channel} branch leaf=1.0")
}

/// As pip leaves a package.
const FLASK: &str = "$ d={root}/envs/e/lib/python3.12/site-packages/Flask-3.0.dist-info; mkdir $d && printf 'Metadata-Version: 2.1\\nName: Flask\\nVersion: 3.0\\n\\nText\\n' > $d/METADATA";

pub(crate) fn rows() -> Vec<Row> {
    vec![
        made("list", "§4 list: line, blank line, header, rule, rows", "list -n e").says(&[
            "List of packages in environment: \"{root}/envs/e\"\n\n",
            "Name",
            "Version",
            "Build",
            "Channel",
            "\n",
            "──",
            "branch",
            "1.0",
            "0",
            "{channel}",
            "leaf",
            "1.0",
        ]),
        made(
            "list-sed",
            "§1: piped through sed",
            "$ {exe} list -n e | sed '1,4d' | awk '{ print $1 \"=\" $2 }'",
        )
        .prints("branch=1.0\nleaf=1.0"),
        made("list-head", "§1: a closed pipe", "$ {exe} list -n e | head -1").says(&["List of packages"]),
        made("list-prefix", "§2: -p", "list -p {root}/envs/e").says(&["branch"]),
        made("list-root", "§1: list -r -n", "list -r {root} -n e").says(&["branch"]),
        made("list-active", "§3: CONDA_PREFIX", "list")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .says(&["branch"]),
        made("list-default-env", "§3: CONDA_DEFAULT_ENV", "list")
            .var("CONDA_DEFAULT_ENV", "e")
            .says(&["branch"]),
        row("list-missing", "§4: missing environment exits 1", "list -n nowhere").exit(1),
        made("list-regex", "§2: list regex", "list -n e ^le").says(&["leaf"]).silent(&["branch "]),
        made("list-full", "§2: -f", "list -n e -f lea").silent(&["leaf "]),
        made("list-full-name", "§2: -f", "list -n e -f leaf").says(&["leaf"]),
        made("list-bad-regex", "§2: list regex", "list -n e '('").exit(1),
        made("list-no-pip", "§2: --no-pip", "list -n e --no-pip").says(&["leaf"]),
        made("list-explicit", "§2: --explicit", "list -n e --explicit").says(&[
            "@EXPLICIT\n",
            "{channel}/noarch/leaf-1.0-0.conda\n",
            "{channel}/linux-64/branch-1.0-0.conda\n",
        ]),
        made("list-md5", "§2: --md5", "list -n e --explicit --md5").says(&["leaf-1.0-0.conda#"]),
        made("list-sha256", "§2: --sha256", "list -n e --explicit --sha256")
            .says(&["leaf-1.0-0.conda#sha256:"]),
        made("list-canonical", "§2: --canonical", "list -n e --canonical")
            .says(&["{channel}/linux-64::branch-1.0-0\n", "{channel}/noarch::leaf-1.0-0\n"]),
        made("list-export", "§2: --export", "list -n e --export").prints("branch=1.0=0\nleaf=1.0=0"),
        made("list-reverse", "§2: --reverse", "list -n e --reverse").says(&["leaf", "branch"]),
        made("list-revisions", "§2: --revisions", "list -n e --revisions").says(&["leaf"]),
        made("list-json", "§8: a bare array", "list -n e --json")
            .length("", 2)
            .json("/0/name", "branch")
            .json("/0/version", "1.0")
            .json("/0/build_string", "0")
            .json("/0/build_number", 0)
            .json("/0/dist_name", "branch-1.0-0")
            .json("/0/platform", "linux-64")
            .json("/0/base_url", "{channel}")
            .json("/1/name", "leaf"),
        made("list-json-prefix", "§1 conda-lock: list -p --json", "list -p {root}/envs/e --json")
            .length("", 2),
        made("list-pip", "§2: what pip installed", "list -n e")
            .before("install -q -n e -c {channel} python=3.12 six")
            .before(FLASK)
            .says(&["Flask", "3.0", "pypi_0", "pypi"]),
        made("list-pip-not", "§2: --no-pip", "list -n e --no-pip")
            .before("install -q -n e -c {channel} python=3.12")
            .before(FLASK)
            .silent(&["Flask"]),
    ]
}

#[test]
fn list() {
    check(&rows());
}
