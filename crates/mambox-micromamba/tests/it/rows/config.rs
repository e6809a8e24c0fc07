//! `config`, rc files, keys and variables.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [edits(), lists(), precedence()].concat()
}

fn edits() -> Vec<Row> {
    vec![
        row("set", "§4 config: writes ~/.condarc by default", "config set extract_threads 1")
            .holds("{home}/.condarc", "extract_threads: 1"),
        row("set-file", "§2: --file", "config set --file {work}/x.yaml always_copy true")
            .holds("x.yaml", "always_copy: true")
            .absent("{home}/.condarc"),
        row("set-env", "§2: --env", "config set --env -n e channel_priority strict")
            .before("create -q -n e -c {channel} leaf")
            .holds("{root}/envs/e/.condarc", "channel_priority: strict"),
        row("set-used", "§1: config set, then the other commands", "config list extract_threads")
            .before("config set extract_threads 1")
            .says(&["extract_threads: 1"]),
        row("set-invalid", "§4: invalid key: set prints a message, exit 0", "config set no_such_key 1")
            .says(&["Key is invalid"]),
        row("append-invalid", "§4: append exits 1", "config append no_such_key 1").exit(1),
        row("append", "§2: append", "config append channels two")
            .file("{home}/.condarc", "channels:\n  - one\n")
            .holds("{home}/.condarc", "- one\n  - two"),
        row("append-new", "§4: append creates the file", "config append channels conda-forge")
            .holds("{home}/.condarc", "- conda-forge"),
        row("append-moves", "§4: append moves duplicates", "$ {exe} config get channels | tr -d ' \\n'")
            .file("{home}/.condarc", "channels: [one, two]\n")
            .before("config append channels one")
            .says(&["-two-one"]),
        row("prepend", "§2: prepend", "$ {exe} config get channels | tr -d ' \\n'")
            .file("{home}/.condarc", "channels: [one]\n")
            .before("config prepend channels zero")
            .says(&["-zero-one"]),
        row("prepend-file", "§2: --file", "config prepend --file x.yaml channels zero")
            .holds("x.yaml", "- zero"),
        row("append-file", "§2: --file", "config append --file x.yaml channels zero")
            .holds("x.yaml", "- zero"),
        row("append-env", "§2: --env", "config append --env -n e channels zero")
            .before("create -q -n e -c {channel} leaf")
            .holds("{root}/envs/e/.condarc", "- zero"),
        row("prepend-env", "§2: --env", "config prepend --env -n e channels zero")
            .before("create -q -n e -c {channel} leaf")
            .holds("{root}/envs/e/.condarc", "- zero"),
        row("get", "§4: get: YAML", "config get channel_priority")
            .file("{home}/.condarc", "channel_priority: strict\n")
            .prints("channel_priority: strict"),
        row("get-file", "§2: --file", "config get --file x.yaml channel_priority")
            .file("x.yaml", "channel_priority: strict\n")
            .prints("channel_priority: strict"),
        row("get-env", "§2: --env", "config get --env -n e channels")
            .before("create -q -n e -c {channel} leaf")
            .before("config append --env -n e channels zero")
            .says(&["zero"]),
        row("get-absent", "§4: Key is not present in file", "config get channels")
            .file("{home}/.condarc", "channel_priority: strict\n")
            .says(&["Key is not present in file"]),
        row("config-remove", "§2: remove", "config remove channels one")
            .file("{home}/.condarc", "channels:\n  - one\n  - two\n")
            .holds("{home}/.condarc", "two"),
        row("remove-key", "§2: remove-key", "$ ! grep channels {home}/.condarc")
            .file("{home}/.condarc", "channels:\n  - one\nalways_yes: true\n")
            .before("config remove-key channels"),
        row("set-comments", "§4: the rest of the file stays", "config set always_yes true")
            .file("{home}/.condarc", "# mine\nchannels: [one]\n")
            .holds("{home}/.condarc", "channels")
            .holds("{home}/.condarc", "always_yes: true"),
        row(
            "system",
            "§2: --system; no machine of tests has such a key",
            "config get --system mirrored_channels",
        )
        .says(&["Key is not present in file"]),
    ]
}

fn lists() -> Vec<Row> {
    let file = |id, cites, command| row(id, cites, command).file("{home}/.condarc", "channels:\n  - one\n");
    vec![
        file("config-list", "§2: list", "config list").says(&["channels:\n  - one"]),
        file("config-list-key", "§2: list", "config list channels").prints("channels:\n  - one"),
        file(
            "config-list-json",
            "§1 conda-lock: config --json list pkgs_dirs",
            "config --json list pkgs_dirs",
        )
        .length("/pkgs_dirs", 2),
        file("config-list-sources", "§2: list -s", "config list -s").says(&["one", "~/.condarc"]),
        file("config-list-all", "§2: list -a", "config list -a").says(&["channel_priority"]),
        file("config-list-descriptions", "§2: list -d", "config list -d channels").says(&["#", "channels"]),
        file("config-list-long", "§2: list -l", "config list -l channels").says(&["#", "channels"]),
        file("config-list-groups", "§2: list -g", "config list -d -g").says(&["####", "channels"]),
        file("config-sources", "§2: sources", "config sources").says(&["~/.condarc"]),
        file("config-describe", "§2: describe", "config describe channels").says(&["channels"]),
    ]
}

fn precedence() -> Vec<Row> {
    let strict = "channel_priority: strict\n";
    vec![
        row("rc-order", "§3 rc files: ~/.mambarc above ~/.condarc", "config list channel_priority")
            .file("{home}/.condarc", strict)
            .file("{home}/.mambarc", "channel_priority: disabled\n")
            .prints("channel_priority: disabled"),
        row("rc-root", "§3 rc files: the root prefix", "config list channel_priority")
            .file("{root}/.condarc", strict)
            .prints("channel_priority: strict"),
        row("rc-xdg", "§3 rc files: ~/.config/conda", "config list channel_priority")
            .file("{home}/.config/conda/.condarc", strict)
            .prints("channel_priority: strict"),
        row(
            "rc-target",
            "§3 rc files: the target prefix is highest",
            "config list -p {work}/e channel_priority",
        )
        .file("{home}/.condarc", "channel_priority: disabled\n")
        .file("e/.condarc", strict)
        .file("e/conda-meta/history", "")
        .prints("channel_priority: strict"),
        row("rc-condarc", "§3: CONDARC: only that file is read", "config list channel_priority channels")
            .file("{home}/.condarc", "channels: [hidden]\n")
            .file("mine", strict)
            .var("CONDARC", "{work}/mine")
            .says(&["channel_priority: strict"])
            .silent(&["hidden"]),
        row("rc-mambarc", "§3: MAMBARC", "config list channel_priority")
            .file("mine", strict)
            .var("MAMBARC", "{work}/mine")
            .prints("channel_priority: strict"),
        row("rc-bad", "§3: bad YAML is logged and skipped", "config list channel_priority")
            .file("{home}/.condarc", "channels: [\n")
            .warns(&["{home}/.condarc"]),
        row("rc-unknown", "§3: unknown keys are ignored", "config list channel_priority")
            .file("{home}/.condarc", "nonsense: 1\nchannel_priority: strict\n")
            .prints("channel_priority: strict"),
        row("rc-expand", "§3: ${VAR} is expanded", "config list channels")
            .file("{home}/.condarc", "channels: ['https://${HOSTNAME_OF_MINE}/c']\n")
            .var("HOSTNAME_OF_MINE", "example")
            .says(&["https://example/c"]),
        row("env-over-rc", "§3: environment above rc", "config list channel_priority")
            .file("{home}/.condarc", strict)
            .var("MAMBA_CHANNEL_PRIORITY", "disabled")
            .prints("channel_priority: disabled"),
        row("variable-list", "§3: lists in the environment are comma-separated", "config list channels")
            .var("CONDA_CHANNELS", "one,two")
            .prints("channels:\n  - one\n  - two"),
        row(
            "cli-over-env",
            "§3: CLI above environment",
            "install -y -n base --channel-priority strict -c {channel} -c {other} 'leaf >=3'",
        )
        .var("MAMBA_CHANNEL_PRIORITY", "disabled")
        .exit(1),
        row("envs-both", "§3: CONDA_ENVS_DIRS and CONDA_ENVS_PATH: an error", "info")
            .var("CONDA_ENVS_DIRS", "/a")
            .var("CONDA_ENVS_PATH", "/b")
            .exit(1),
        row("override-rc", "§3: MAMBA_NO_RC", "config list channels")
            .file("{home}/.condarc", "channels: [hidden]\n")
            .var("MAMBA_NO_RC", "true")
            .silent(&["hidden"]),
    ]
}

#[test]
fn config() {
    check(&rows());
}
