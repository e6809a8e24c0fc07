//! `-f`: files of all kinds.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [yaml(), text(), pip(), locks()].concat()
}

const LEAF: &str = "name: e\nchannels: ['{channel}']\ndependencies: [leaf]\n";

fn yaml() -> Vec<Row> {
    vec![
        row("yaml-base", "§1: install -y -n base -f env.yaml", "install -y -n base -f e.yaml").file("e.yaml", LEAF).there("{root}/share/leaf"),
        row("yaml-disk", "§3 -f formats, on disk", "install -y -n base -f e.yaml").on_disk().file("e.yaml", LEAF).there("{root}/share/leaf"),
        row("yaml-name", "§3: YAML name", "create -y -f e.yml").file("e.yml", LEAF).there("{root}/envs/e/share/leaf"),
        row("yaml-long", "§2: --file", "create -y --file e.yml").file("e.yml", LEAF).there("{root}/envs/e/share/leaf"),
        row("yaml-url", "§3: local or URL", "create -y -n e -c {channel} -f {channel}/none.yml").exit(1).warns(&["none.yml"]),
        row("yaml-prefix", "§3: prefix ignored", "create -y -f e.yml")
            .file("e.yml", "name: e\nprefix: /nowhere\nchannels: ['{channel}']\ndependencies: [leaf]\n")
            .there("{root}/envs/e/share/leaf"),
        row("yaml-expand", "§3: channels are environment-expanded", "create -y -f e.yml")
            .file("e.yml", "name: e\nchannels: ['${MY_CHANNEL}']\ndependencies: [leaf]\n")
            .var("MY_CHANNEL", "{channel}")
            .there("{root}/envs/e/share/leaf"),
        row("yaml-sel", "§3: sel(linux)", "create -y -f e.yml")
            .file("e.yml", "name: e\nchannels: ['{channel}']\ndependencies:\n- sel(linux): leaf\n- sel(win): no-such-package\n")
            .there("{root}/envs/e/share/leaf"),
        row("yaml-several", "§2: -f repeat", "create -y -f e.yml -f f.yml")
            .file("e.yml", LEAF)
            .file("f.yml", "name: e\ndependencies: [old]\n")
            .there("{root}/envs/e/share/leaf")
            .there("{root}/envs/e/share/old"),
        row("yaml-names", "§3: conflicting names: warning, first wins", "create -y -f e.yml -f f.yml")
            .file("e.yml", LEAF)
            .file("f.yml", "name: f\nchannels: ['{channel}']\ndependencies: [old]\n")
            .warns(&["warning"])
            .there("{root}/envs/e/share/old"),
        row("yaml-and-specs", "§2: specs and -f", "install -y -n base -f e.yml old").file("e.yml", LEAF).there("{root}/share/old").there("{root}/share/leaf"),
        row("yaml-missing", "§2: -f", "install -y -n base -f e.yml").exit(1).warns(&["e.yml"]),
        row("yaml-broken", "§2: -f", "install -y -n base -f e.yml").file("e.yml", "dependencies: [\n").exit(1).warns(&["e.yml"]),
        row("yaml-nodefaults", "§3: nodefaults keeps CLI and YAML channels", "create -y -f e.yml")
            .file("{home}/.condarc", "channels: ['http://127.0.0.1:9/none']\n")
            .file("e.yml", "name: e\nchannels: ['{channel}', nodefaults]\ndependencies: [leaf]\n")
            .there("{root}/envs/e/share/leaf"),
        row("yaml-channel-spec", "§3: a channel named in a spec is added", "create -y -f e.yml")
            .file("e.yml", "name: e\nchannels: ['{channel}']\ndependencies: ['{other}::leaf']\n")
            .holds("{root}/envs/e/share/leaf", "leaf 3.0"),
    ]
}

fn text() -> Vec<Row> {
    vec![
        row("text", "§3: blank, # and @ lines dropped", "install -y -n base -c {channel} -f specs.txt")
            .file("specs.txt", "# mine\n\n@nothing\nleaf=1.0\nold\n")
            .holds("{root}/share/leaf", "leaf 1.0")
            .there("{root}/share/old"),
        row("text-any-name", "§3: any other name", "install -y -n base -c {channel} -f specs")
            .file("specs", "leaf\n")
            .there("{root}/share/leaf"),
        row("text-empty", "§3: empty: error", "install -y -n base -c {channel} -f specs.txt")
            .file("specs.txt", "# nothing\n")
            .exit(1)
            .warns(&["specs.txt"]),
        row("explicit", "§3: @EXPLICIT: no solve, no repodata", "create -y -n e -f list.txt")
            .file("list.txt", "# platform: linux-64\n@EXPLICIT\n{channel}/linux-64/branch-1.0-0.conda\n")
            .there("{root}/envs/e/bin/branch")
            .absent("{root}/envs/e/share/leaf"),
        row("explicit-disk", "§3: @EXPLICIT, on disk", "install -y -n base -f list.txt")
            .on_disk()
            .file("list.txt", "@EXPLICIT\n{channel}/noarch/leaf-1.0-0.conda\n")
            .holds("{root}/share/leaf", "leaf 1.0"),
        row("explicit-md5", "§3: URLs with #md5", "create -y -n copy -f copy.txt")
            .before("create -q -n e -c {channel} leaf old")
            .before("$ {exe} list -n e --explicit --md5 > {work}/copy.txt")
            .there("{root}/envs/copy/share/old"),
        row("explicit-sha256", "§3: #sha256:…", "create -y -n copy -f copy.txt")
            .before("create -q -n e -c {channel} leaf old")
            .before("$ {exe} list -n e --explicit --sha256 > {work}/copy.txt")
            .there("{root}/envs/copy/share/old"),
        row("explicit-wrong", "§3: a wrong hash", "create -y -n e -f list.txt")
            .file(
                "list.txt",
                "@EXPLICIT\n{channel}/noarch/leaf-1.0-0.conda#00000000000000000000000000000000\n",
            )
            .exit(1)
            .warns(&["leaf-1.0-0.conda"])
            .absent("{root}/envs/e"),
        row("explicit-specs", "§3: CLI specs discarded", "create -y -n e -f list.txt old")
            .file("list.txt", "@EXPLICIT\n{channel}/noarch/leaf-1.0-0.conda\n")
            .there("{root}/envs/e/share/leaf")
            .absent("{root}/envs/e/share/old"),
        row("mixed", "§3: all files of one call must be of one kind", "create -y -n e -f list.txt -f e.yml")
            .file("list.txt", "@EXPLICIT\n{channel}/noarch/leaf-1.0-0.conda\n")
            .file("e.yml", LEAF)
            .exit(1),
        row("url-spec", "issue C: URLs", "install -y -n base {channel}/noarch/leaf-1.0-0.conda")
            .holds("{root}/share/leaf", "leaf 1.0"),
        row("json-file", "§3: *.json", "create -y -n e -f lock.json")
            .file("lock.json", "{}")
            .exit(1)
            .warns(&["lock.json"]),
    ]
}

fn pip() -> Vec<Row> {
    const FLASK: &str =
        "name: e\nchannels: ['{channel}']\ndependencies: [python=3.12, pip, pip: [flask, './mine']]\n";
    vec![
        row("pip", "§3 pip step: -r FILE --no-input, cwd the YAML's folder", "create -y -f sub/e.yml")
            .file("sub/e.yml", FLASK)
            .says(&[
                "Transaction finished",
                "pip called with: -m pip install --no-input -r",
                "pip's folder: {work}/sub",
                "pip installs: flask",
                "pip installs: ./mine",
            ])
            .silent(&[" -U "]),
        row("pip-file", "§8: the requirement file is in TMPDIR", "create -y -f sub/e.yml")
            .file("sub/e.yml", FLASK)
            .says(&["-r {tmp}/requirements-"]),
        row("pip-added", "§3: adds pip if missing", "create -y -f e.yml")
            .file("e.yml", "name: e\nchannels: ['{channel}']\ndependencies: [python=3.12, pip: [flask]]\n")
            .there("{root}/envs/e/conda-meta/pip-24.0-0.json")
            .says(&["pip installs: flask"]),
        row("pip-quiet", "§3: --quiet under -q", "create -q -f e.yml")
            .file("e.yml", FLASK)
            .says(&["--quiet"]),
        row("pip-json", "§3: --quiet under --json", "create --json -f e.yml")
            .file("e.yml", FLASK)
            .json("/success", true),
        row("pip-update", "§3: -U on update", "env update -y -n e -f e.yml")
            .before("create -q -f e.yml")
            .file("e.yml", FLASK)
            .says(&["-U"]),
        row("pip-fails", "§3: pip failed to install packages, exit 1", "create -y -f e.yml")
            .file("e.yml", "name: e\nchannels: ['{channel}']\ndependencies: [python=3.12, pip: [broken]]\n")
            .exit(1)
            .warns(&["pip failed to install packages"]),
    ]
}

fn locks() -> Vec<Row> {
    const LOCK: &str = "
version: 1
metadata:
  content_hash: {linux-64: '0'}
  channels: [{url: '{channel}', used_env_vars: []}]
  platforms: [linux-64]
  sources: [e.yml]
package:
- {name: leaf, version: '1.0', manager: conda, platform: linux-64, dependencies: {}, url: '{channel}/noarch/leaf-1.0-0.conda',
   hash: {sha256: {leaf-sha256}}, category: main, optional: false}
- {name: far, version: '1.0', manager: conda, platform: linux-aarch64, dependencies: {}, url: '{channel}/linux-aarch64/far-1.0-0.conda',
   hash: {sha256: {leaf-sha256}}, category: main, optional: false}
- {name: old, version: '1.0', manager: conda, platform: linux-64, dependencies: {}, url: '{channel}/linux-64/old-1.0-0.tar.bz2',
   hash: {sha256: {old-sha256}}, category: dev, optional: true}
";
    vec![
        row("lock", "§3: conda-lock v1, filtered by platform, category main", "create -y -n e -f conda-lock.yml")
            .file("conda-lock.yml", LOCK)
            .holds("{root}/envs/e/share/leaf", "leaf 1.0")
            .absent("{root}/envs/e/share/old")
            .absent("{root}/envs/e/share/far"),
        row("lock-disk", "§3: conda-lock v1, on disk", "create -y -n e -f my-lock.yaml")
            .on_disk()
            .file("my-lock.yaml", LOCK)
            .holds("{root}/envs/e/share/leaf", "leaf 1.0"),
        row("lock-category", "§3: --category", "create -y -n e --category main --category dev -f conda-lock.yml")
            .file("conda-lock.yml", LOCK)
            .there("{root}/envs/e/share/leaf")
            .there("{root}/envs/e/share/old"),
        row("lock-install", "§3: *-lock.yml", "install -y -n base -f conda-lock.yml")
            .file("conda-lock.yml", LOCK)
            .there("{root}/share/leaf"),
        row("lock-wrong", "§3: a wrong hash", "create -y -n e --category dev -f conda-lock.yml")
            .file("conda-lock.yml", "version: 1\nmetadata:\n  content_hash: {linux-64: '0'}\n  channels: []\n  platforms: [linux-64]\n  sources: []\npackage:\n- {name: old, version: '1.0', manager: conda, platform: linux-64, dependencies: {}, url: '{channel}/linux-64/old-1.0-0.tar.bz2', hash: {sha256: {leaf-sha256}}, category: dev, optional: true}\n")
            .exit(1)
            .warns(&["old-1.0-0"])
            .absent("{root}/envs/e"),
    ]
}

#[test]
fn files() {
    check(&rows());
}
