//! `shell`: hook, init, activate, deactivate, reactivate.

use crate::table::{Row, check, row};

pub(crate) fn rows() -> Vec<Row> {
    [hooks(), activation(), through_the_hook(), init()].concat()
}

fn hooks() -> Vec<Row> {
    let defines = &["__mamba_exe", "__mamba_hashr", "__mamba_xctivate", "micromamba"];
    vec![
        row("hook-bash", "§5 hook", "shell hook -s bash")
            .says(&["{exe}"])
            .says(&["__mamba_exe"])
            .says(&["__mamba_hashr"])
            .says(&["__mamba_xctivate"])
            .says(&["__mamba_wrap"])
            .says(&["micromamba"])
            .silent(&["export MAMBA_ROOT_PREFIX"]),
        row("hook-long", "§1 micromamba-docker: shell hook --shell=bash", "shell hook --shell=bash")
            .says(&["CONDA_SHLVL"])
            .calm(),
        row("hook-zsh", "§2: zsh", "shell hook -s zsh").says(&defines[..1]),
        row("hook-posix", "§2: posix", "shell hook -s posix").says(&defines[..1]),
        row("hook-dash", "§2: dash", "shell hook -s dash").says(&defines[..1]),
        row("hook-fish", "§2: fish", "shell hook -s fish").says(&["micromamba"]),
        row("hook-tcsh", "§2: tcsh", "shell hook -s tcsh").says(&["micromamba"]),
        row("hook-xonsh", "§2: xonsh", "shell hook -s xonsh").says(&["micromamba"]),
        row("hook-powershell", "§2: powershell", "shell hook -s powershell").says(&["micromamba"]),
        row("hook-unknown", "§2", "shell hook -s nonsense").exit(1).prints(""),
        row("hook-root", "§2: shell hook -r", "shell hook -s bash -r {work}/r").says(&["{work}/r"]),
        row("hook-json", "§3 --json: script text in actions.print", "shell hook -s bash --json")
            .length("/actions/print", 1),
        row("hook-home", "§6: hook writes nothing in HOME", "shell hook -s bash")
            .absent("{home}/.conda")
            .absent("{home}/.bashrc"),
    ]
}

fn activation() -> Vec<Row> {
    let made = |id, cites, command| row(id, cites, command).before("create -q -n e -c {channel} envy");
    vec![
        made("activate-posix", "§5 activate", "shell activate -s posix e")
            .says(&["{root}/envs/e/bin"])
            .says(&["CONDA_PREFIX", "{root}/envs/e"])
            .says(&["ENVY_COLOUR", "green"])
            .says(&["etc/conda/activate.d/envy.sh"]),
        made("activate-bash", "§5 activate", "shell activate -s bash e").says(&["CONDA_DEFAULT_ENV", "e"]),
        made("activate-zsh", "§2", "shell activate -s zsh e").says(&["CONDA_SHLVL"]),
        made("activate-dash", "§2", "shell activate -s dash e").says(&["CONDA_SHLVL"]),
        made("activate-name", "§2: -n", "shell activate -s bash -n e").says(&["{root}/envs/e"]),
        made("activate-prefix", "§2: -p", "shell activate -s bash -p {root}/envs/e")
            .says(&["CONDA_DEFAULT_ENV", "e"]),
        row("activate-root", "§2: -r", "shell activate -s bash -r {work}/r e")
            .before("create -q -r {work}/r -n e -c {channel} envy")
            .says(&["{work}/r/envs/e"]),
        made("activate-path", "§5: slash = path", "shell activate -s bash {root}/envs/e")
            .says(&["{root}/envs/e"]),
        made("activate-stack", "§5: --stack", "shell activate --stack -s bash e")
            .var("CONDA_SHLVL", "1")
            .var("CONDA_PREFIX", "{root}")
            .says(&["CONDA_STACKED_2"]),
        row("activate-none", "§5: none = base", "shell activate -s bash")
            .before("install -q -n base -c {channel} leaf")
            .says(&["CONDA_DEFAULT_ENV", "base"]),
        row("activate-missing", "§5: missing: exit 1", "shell activate -s bash nowhere")
            .exit(1)
            .prints("")
            .warns(&["Cannot activate, prefix does not exist at:", "{root}/envs/nowhere"]),
        made("deactivate-bash", "§2: deactivate", "shell deactivate -s bash")
            .var("CONDA_SHLVL", "1")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .says(&["etc/conda/deactivate.d/envy.sh"])
            .says(&["CONDA_PREFIX"]),
        made("reactivate-bash", "§2: reactivate", "shell reactivate -s bash")
            .var("CONDA_SHLVL", "1")
            .var("CONDA_PREFIX", "{root}/envs/e")
            .says(&["deactivate.d/envy.sh", "activate.d/envy.sh"]),
        made("activate-json", "§3 --json", "shell activate --json -s bash e").length("/actions/print", 1),
    ]
}

/// As people use it, in real shells.
fn through_the_hook() -> Vec<Row> {
    let made = |id, command| {
        row(id, "§2: activate/deactivate through the hook", command)
            .before("create -q -n e -c {channel} envy tool")
    };
    vec![
        made("hooked-sh", "$ eval \"$({exe} shell hook -s posix)\"; micromamba activate e; tool; micromamba deactivate; echo \"$CONDA_SHLVL-$CONDA_PREFIX-$ENVY_SCRIPT-\"")
            .prints("tool in e\n0---"),
        made("hooked-bash", "$ exec /bin/bash -c 'eval \"$({exe} shell hook -s bash)\"; micromamba activate e; echo $ENVY_SCRIPT $CONDA_SHLVL; micromamba activate base; echo $CONDA_DEFAULT_ENV'")
            .before("install -q -n base -c {channel} leaf")
            .prints("sourced 1\nbase"),
        made("hooked-install", "$ exec /bin/bash -c 'eval \"$({exe} shell hook -s bash)\"; micromamba activate e; micromamba install -q -c {channel} leaf && cat $CONDA_PREFIX/share/leaf; micromamba --version'")
            .prints("leaf 2.0\n2.8.1"),
        made("hooked-status", "$ exec /bin/bash -c 'eval \"$({exe} shell hook -s bash)\"; micromamba activate nowhere'").exit(1),
    ]
}

fn init() -> Vec<Row> {
    vec![
        row("init-bash", "§5 shell init", "shell init -s bash")
            .holds("{home}/.bashrc", "# >>> mamba initialize >>>")
            .holds("{home}/.bashrc", "# <<< mamba initialize <<<")
            .holds("{home}/.bashrc", "export MAMBA_EXE=")
            .holds("{home}/.bashrc", "export MAMBA_ROOT_PREFIX=")
            .holds("{home}/.bashrc", "{root}"),
        row("init-root", "§1: shell init -s bash -r", "shell init -s bash -r {work}/r")
            .holds("{home}/.bashrc", "{work}/r"),
        row("init-p", "§8: accept shell init -p", "shell init -s bash -p {work}/r")
            .holds("{home}/.bashrc", "{work}/r"),
        row("init-zsh", "§2: others", "shell init -s zsh")
            .holds("{home}/.zshrc", "# >>> mamba initialize >>>"),
        row("init-fish", "§2: others", "shell init -s fish").there("{home}/.config/fish/config.fish"),
        row("init-xonsh", "§2: others", "shell init -s xonsh").there("{home}/.xonshrc"),
        row("init-dry", "§2: --dry-run", "shell init -s bash --dry-run").absent("{home}/.bashrc"),
        row("init-twice", "§5: one block", "$ [ $(grep -c 'mamba initialize >>>' {home}/.bashrc) = 1 ]")
            .before("shell init -s bash")
            .before("shell init -s bash"),
        row("deinit", "§2: deinit", "$ ! grep -q mamba {home}/.bashrc && grep -q mine {home}/.bashrc")
            .file("{home}/.bashrc", "mine=1\n")
            .before("shell init -s bash")
            .before("shell deinit -s bash"),
        row("reinit", "§2: reinit", "shell reinit -s bash")
            .before("shell init -s bash")
            .holds("{home}/.bashrc", "mamba initialize"),
    ]
}

#[test]
fn shell() {
    check(&rows());
}
