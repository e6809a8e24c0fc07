//! Global options, streams, exit codes, prompts.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [words(), options(), prompts()].concat()
}

fn words() -> Vec<Row> {
    vec![
        row("version", "§2: --version prints the bare version", "--version").prints("2.8.1").calm(),
        row("nothing", "§2: no arguments: help, exit 0", "").says(&["Usage:", "install", "create"]).calm(),
        row("help", "§2", "install --help")
            .says(&["--freeze-installed", "--force-reinstall"])
            .says(&["--no-deps"]),
        row("unknown-option", "§3: unexpected arguments: 109", "list --nonsense").exit(109),
        row("unknown-command", "§3: unexpected arguments: 109", "frobnicate").exit(109),
        row("missing-value", "§3: missing arguments: 106", "config set always_yes").exit(106),
        row("missing-command", "§3: missing arguments: 106", "config").exit(106),
        row("bad-value", "§3: bad values: 104 or 105", "install -n base --channel-priority sometimes leaf")
            .exit(104),
        row("log-level-bad", "§3: bad values: 104 or 105", "info --log-level loud").exit(104),
        row("runtime-error", "§3: run-time errors exit 1, last line critical", "list -n nowhere")
            .exit(1)
            .prints("")
            .warns(&["critical libmamba", "No prefix found at: {root}/envs/nowhere"]),
        row("activate", "§2: activate without the hook: help text, exit 1", "activate base")
            .exit(1)
            .warns(&["micromamba shell hook"]),
        row("deactivate", "§2: deactivate without the hook: help text, exit 1", "deactivate")
            .exit(1)
            .warns(&["micromamba shell hook"]),
        row("self-update", "§2: marked N: told so", "self-update")
            .exit(1)
            .warns(&["not part of this program"]),
        row("no-home", "§6: HOME unset: the account of the user counts", "info --base")
            .without("HOME")
            .prints("{root}"),
    ]
}

fn options() -> Vec<Row> {
    vec![
        row(
            "before",
            "§1: global flags before the subcommand occur",
            "-n base --no-rc install -y -c {channel} leaf",
        )
        .says(&["Transaction finished"])
        .holds("{root}/share/leaf", "leaf 2.0"),
        row("root-before", "§1: -r R create", "-r {work}/r create -y -n e -c {channel} leaf")
            .there("r/envs/e/share/leaf"),
        row("root-after", "§2: -r after the subcommand", "create -r {work}/r -y -n e -c {channel} leaf")
            .there("r/envs/e/share/leaf"),
        row("prefix", "§2: -p", "create -y -p {work}/e -c {channel} leaf").there("e/share/leaf"),
        row("verbose", "§3: -v is info", "install -v -y -n base -c {channel} leaf")
            .warns(&["info     libmamba"]),
        row("verbose-thrice", "§3: -vvv is trace", "config list -vvv").says(&[""]),
        row("log-level", "§2: --log-level", "list -n nowhere --log-level off").exit(1).calm(),
        row("quiet", "§3: -q implies yes and says nothing", "install -q -n base -c {channel} leaf")
            .prints("")
            .calm()
            .there("{root}/share/leaf"),
        row("json-yes", "§3: --json implies yes; one object", "install --json -n base -c {channel} leaf")
            .json("/success", true)
            .json("/log_history", serde_json::json!([]))
            .there("{root}/share/leaf"),
        row(
            "json-failure",
            "§3: one object even on failure",
            "install --json -n base -c {channel} no-such-package",
        )
        .exit(1)
        .json("/success", false),
        row(
            "json-no-prefix",
            "§3: one object even on failure",
            "install --json -n nowhere -c {channel} leaf",
        )
        .exit(1)
        .json("/success", false),
        row("dry-run", "§4: dry run", "install --dry-run -n base -c {channel} leaf")
            .says(&["Transaction", "Dry run. Not executing the transaction."])
            .silent(&["Transaction starting"])
            .absent("{root}/share/leaf"),
        row("download-only", "§2: --download-only", "install --download-only -y -n base -c {channel} leaf")
            .silent(&["Linking"])
            .there("{pkgs}/noarch/leaf-2.0-0.conda")
            .absent("{root}/share/leaf"),
        row(
            "offline-cold",
            "§2: --offline without a cache",
            "install --offline -y -n base -c {channel} leaf",
        )
        .exit(1)
        .absent("{root}/share/leaf"),
        row("offline-warm", "§2: --offline with a cache", "create --offline -y -n e -c {channel} leaf")
            .before("install -y -n base -c {channel} leaf")
            .holds("{root}/envs/e/share/leaf", "leaf 2.0"),
        row("offline-rc", "§3: key offline", "install -y -n base -c {channel} leaf")
            .var("MAMBA_OFFLINE", "true")
            .exit(1),
        row("rc-file", "§2: --rc-file", "install -y -n base --rc-file mine.yaml leaf")
            .file("mine.yaml", "channels: ['{channel}']\n")
            .there("{root}/share/leaf"),
        row(
            "rc-files",
            "§2: --rc-file, several",
            "config list --rc-file a.yaml --rc-file b.yaml channels extract_threads",
        )
        .file("a.yaml", "channels: [one]\n")
        .file("b.yaml", "extract_threads: 3\n")
        .says(&["one", "extract_threads: 3"]),
        row("no-rc", "§2: --no-rc", "config list --no-rc channels")
            .file("{home}/.condarc", "channels: [hidden]\n")
            .silent(&["hidden"]),
        row("no-env", "§2: --no-env", "config list --no-env channels")
            .var("CONDA_CHANNELS", "hidden")
            .silent(&["hidden"]),
        row(
            "no-env-variables",
            "§3: variables are skipped with --no-env",
            "create -y --no-env -n e -f e.yml",
        )
        .file("e.yml", "channels: ['{channel}']\ndependencies: [leaf]\nvariables: {COLOUR: green}\n")
        .there("{root}/envs/e/share/leaf")
        .absent("{root}/envs/e/conda-meta/state"),
        row("dump", "§2: --print-config-only", "--print-config-only").says(&["channels"]),
        row(
            "use-uv",
            "§2: --use-uv: uv is added where pip is wanted",
            "create -n e --dry-run --use-uv -f e.yml",
        )
        .file("e.yml", "channels: ['{channel}']\ndependencies: [python, pip: [flask]]\n")
        .exit(1)
        .warns(&["uv"]),
        row("relocate", "§2: --relocate-prefix is accepted", "info --base --relocate-prefix /x")
            .prints("{root}"),
    ]
}

fn prompts() -> Vec<Row> {
    vec![
        row("end-of-input", "§3: end of input takes the default, yes", "install -n base -c {channel} leaf")
            .says(&["Confirm changes: [Y/n]", "Transaction finished"])
            .there("{root}/share/leaf"),
        row("declined", "§3: exit 0 when the user declined", "install -n base -c {channel} leaf")
            .input("n\n")
            .says(&["Confirm changes: [Y/n]", "Abort"])
            .absent("{root}/share/leaf"),
        row("accepted", "§3", "install -n base -c {channel} leaf").input("y\n").there("{root}/share/leaf"),
        row("always-yes", "§3: MAMBA_ALWAYS_YES", "install -n base -c {channel} leaf")
            .var("MAMBA_ALWAYS_YES", "true")
            .silent(&["Confirm changes"]),
        row("conda-always-yes", "§3: CONDA_ALWAYS_YES is not read", "install -n base -c {channel} leaf")
            .var("CONDA_ALWAYS_YES", "true")
            .says(&["Confirm changes"]),
        row("ci", "§3: CI: no progress bars", "install -y -n base -c {channel} leaf")
            .var("CI", "1")
            .there("{root}/share/leaf"),
    ]
}

#[test]
fn global() {
    check(&rows());
}
