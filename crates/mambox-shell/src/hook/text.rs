//! One template for each language, filled in.

use std::path::Path;

use mambox_activate::{DEFAULT_PATH, Shell as Language};

use super::words;
use crate::error::ShellError;
use crate::literal::{filled, literal};
use crate::prefix;
use crate::shell::Shell;

/// What a hook is made for.
#[derive(Debug, Clone, Copy)]
pub struct HookContext<'a> {
    /// The program's own absolute path. Its name without an ending becomes the function's.
    pub executable: &'a Path,
    /// The absolute root prefix.
    pub root_prefix: &'a Path,
    /// Whether the hook activates `base` at its end (`auto_activate_base`).
    pub auto_activate_base: bool,
    /// Whether it brings completion (`shell_completion`), which bash and zsh have.
    pub completion: bool,
}

/// The statements that define the function `micromamba` (or `mamba`) in a shell that evaluates them, by
/// section 5 of the reference, "hook". They run nothing but with `auto_activate_base`.
///
/// Text for shells of POSIX's kind works under `set -eu`. That for tcsh needs the file that [`crate::init`] puts into
/// the root prefix for it.
///
/// # Errors
/// [`ShellError::ExecutableName`] where the function would have another name than micromamba's, and
/// [`ShellError::Path`] for paths that a script cannot hold.
pub fn hook(shell: Shell, context: &HookContext<'_>) -> Result<String, ShellError> {
    let language = shell.language();
    let name = context.executable.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    if !matches!(name, "micromamba" | "mamba") {
        return Err(ShellError::ExecutableName(context.executable.display().to_string()));
    }
    let executable = literal(language, prefix::text(context.executable)?);
    let root = prefix::text(context.root_prefix)?;
    let condabin = literal(language, &format!("{}/condabin", root.trim_end_matches('/')));
    // An alias is text within text; each layer has its own quotes.
    let call = format!("source {} call", literal(language, &format!("{root}/{CSH_PROFILE}")));
    let template = [template(language), completion(shell, context.completion)].concat();
    let mut text = filled(
        &template,
        &[
            ("@NAME@", name),
            ("@EXE@", &executable),
            ("@CALL@", &literal(language, &call)),
            ("@SHELL@", shell.name()),
            ("@CONDABIN@", &condabin),
            ("@DEFAULT_PATH@", DEFAULT_PATH),
            ("@ROOT@", &literal(language, root)),
            ("@COMMANDS@", words::COMMANDS),
            ("@SHELL_COMMANDS@", words::SHELL),
            ("@ENV_COMMANDS@", words::ENV),
            ("@CONFIG_COMMANDS@", words::CONFIG),
        ],
    );
    if context.auto_activate_base {
        let end = if language == Language::Tcsh { ";" } else { "" };
        text.push_str(&format!("{name} activate base{end}\n"));
    }
    Ok(text)
}

/// Where `micromamba shell init` puts what the aliases of csh and tcsh source, in the root prefix.
pub(crate) const CSH_PROFILE: &str = "etc/profile.d/mamba.csh";

/// The text of [`CSH_PROFILE`].
pub(crate) fn csh_profile(context: &HookContext<'_>) -> Result<String, ShellError> {
    let hook = hook(Shell::Tcsh, context)?;
    let executable = literal(Language::Tcsh, prefix::text(context.executable)?);
    let name = if hook.starts_with("alias mamba ") { "mamba" } else { "micromamba" };
    let values = [
        ("@NAME@", name),
        ("@QUOTED_EXE@", &literal(Language::Tcsh, &executable)),
        ("@HOOK@", &hook.replace('\n', "\n    ")),
    ];
    Ok(filled(include_str!("../../scripts/profile.csh"), &values))
}

fn template(language: Language) -> &'static str {
    match language {
        Language::Posix => include_str!("../../scripts/hook.sh"),
        Language::Fish => include_str!("../../scripts/hook.fish"),
        Language::Tcsh => include_str!("../../scripts/hook.csh"),
        Language::Xonsh => include_str!("../../scripts/hook.xsh"),
        Language::PowerShell => include_str!("../../scripts/hook.ps1"),
    }
}

fn completion(shell: Shell, wanted: bool) -> &'static str {
    match shell {
        Shell::Bash if wanted => include_str!("../../scripts/complete.bash"),
        Shell::Zsh if wanted => include_str!("../../scripts/complete.zsh"),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(executable: &str) -> HookContext<'_> {
        HookContext {
            executable: Path::new(executable),
            root_prefix: Path::new("/opt/conda/"),
            auto_activate_base: true,
            completion: true,
        }
    }

    #[test]
    fn the_hook_of_dash() {
        insta::assert_snapshot!(hook(Shell::Dash, &context("/bin/micromamba")).unwrap(), @r#"
        # Lets micromamba change the shell that evaluates this: bash, zsh, dash and others of POSIX's kind.
        # Nothing here reads a variable that may be unset, or leaves one of its own behind.

        __mamba_exe() (
            '/bin/micromamba' "$@"
        )

        # Forgets where programs were found: others come first in PATH now.
        __mamba_hashr() {
            \hash -r 2>/dev/null || :
        }

        # Evaluates what the program answers. The prompt is not exported, so it is handed over for this one call.
        __mamba_xctivate() {
            case " $* " in
                *" --help "* | *" -h "*)
                    __mamba_exe shell "$@"
                    return
                    ;;
            esac
            __mamba_answer=$(
                \export PS1="${PS1-}"
                __mamba_exe shell "$@" --shell dash
            ) || {
                set -- "$?"
                \unset __mamba_answer
                return "$1"
            }
            \eval "\\unset __mamba_answer
        $__mamba_answer"
            __mamba_hashr
        }

        __mamba_wrap() {
            case "${1-}" in
                activate | deactivate | reactivate)
                    __mamba_xctivate "$@"
                    ;;
                install | update | upgrade | remove | uninstall)
                    __mamba_exe "$@" || return
                    __mamba_xctivate reactivate
                    ;;
                *)
                    __mamba_exe "$@"
                    ;;
            esac
        }

        micromamba() {
            __mamba_wrap "$@"
        }

        if [ -z "${CONDA_SHLVL+x}" ]; then
            \export CONDA_SHLVL=0
            \export PATH='/opt/conda/condabin':"${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
            if [ -z "${PS1+x}" ]; then
                PS1=
            fi
        fi
        micromamba activate base
        "#);
    }

    #[test]
    fn bash_gets_completion_too() {
        let bash = hook(Shell::Bash, &context("/bin/mamba")).unwrap();
        insta::assert_snapshot!(bash.split_once("# Completion").unwrap().1, @r#"
        : subcommands, and names of environments behind -n and activate.
        __mamba_complete() {
            local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} folder name
            local root=${MAMBA_ROOT_PREFIX-}
            local -a words=()
            COMPREPLY=()
            if [[ -z $root ]]; then
                root='/opt/conda'
            fi
            if ((COMP_CWORD == 1)); then
                words=(activate auth clean config create deactivate env info install list reactivate remove repoquery run search shell update)
            else
                case $before in
                    -n | --name | activate)
                        words=(base)
                        for folder in "$root"/envs/*/conda-meta; do
                            if [[ -d $folder ]]; then
                                folder=${folder%/conda-meta}
                                words+=("${folder##*/}")
                            fi
                        done
                        ;;
                    shell) words=(activate deactivate deinit hook init reactivate reinit) ;;
                    env) words=(config create export list remove update) ;;
                    config) words=(append describe get list prepend remove remove-key set sources) ;;
                esac
            fi
            for name in ${words[@]+"${words[@]}"}; do
                if [[ $name == "$word"* ]]; then
                    printf -v name %q "$name"
                    COMPREPLY+=("$name")
                fi
            done
        }
        if type complete >/dev/null 2>&1; then
            complete -o default -F __mamba_complete mamba
        fi
        mamba activate base
        "#);
    }

    /// Section 5 of the reference, "hook".
    #[test]
    fn the_executable_names_the_function() {
        for shell in [Shell::Zsh, Shell::Fish, Shell::Xonsh, Shell::PowerShell] {
            let text = hook(shell, &context("/x y/mamba.bin")).unwrap();
            assert!(text.contains("'/x y/mamba.bin'") && !text.contains("micromamba"), "{text}");
            for mark in ["@NAME@", "@EXE@", "@SHELL@", "@ROOT@", "COMMANDS@", "@CONDABIN@"] {
                assert!(!text.contains(mark), "{text}");
            }
        }
        insta::assert_snapshot!(hook(Shell::Bash, &context("/bin/mm")).unwrap_err(), @"the executable is named '/bin/mm'; a shell hook can be made for 'micromamba' or 'mamba' only: rename it");
        insta::assert_snapshot!(hook(Shell::Bash, &context("/bin:x/mamba")).unwrap_err(), @"the path /bin:x/mamba is not valid UTF-8 or holds a line end or ':'; use another");
    }
}
