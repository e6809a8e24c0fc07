//! An activation as statements of a shell.

use crate::activation::Activation;
use crate::change::Change;
use crate::quote::is_shell_name;
use crate::{posix, quote};

/// A language of shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// POSIX sh: dash, ash, bash, ksh and zsh read the same text.
    Posix,
    /// fish 3 and later.
    Fish,
    /// csh, tcsh.
    Tcsh,
    /// xonsh.
    Xonsh,
    /// PowerShell on Linux. Before 7.5 it cannot hold an empty variable: such a one is removed.
    PowerShell,
}

impl Shell {
    /// The language of a program by its file name without folders, as in `bash` or `pwsh`.
    pub fn of_program(name: &str) -> Option<Self> {
        Some(match name {
            "sh" | "ash" | "bash" | "busybox" | "dash" | "ksh" | "mksh" | "zsh" => Self::Posix,
            "fish" => Self::Fish,
            "csh" | "tcsh" => Self::Tcsh,
            "xonsh" => Self::Xonsh,
            "pwsh" | "powershell" => Self::PowerShell,
            _ => return None,
        })
    }
}

/// The statements that make a prefix active in a shell that sources or evaluates them.
///
/// Every variable is set, whatever it was. The prefix's programs come first in the `PATH` there is,
/// unless they are in it already. Variables whose names no shell can set are left out
/// ([`Activation::names_no_shell_can_set`]).
pub fn render(activation: &Activation, shell: Shell) -> String {
    let mut text: String = activation.front().iter().rev().map(|folder| prepend(shell, folder)).collect();
    text.extend(activation.back().into_iter().map(|folder| append(shell, folder)));
    text.extend(activation.marks().iter().map(|(name, value)| set(shell, name, value)));
    text.extend(activation.shell_variables().map(|(name, value)| set(shell, name, value)));
    text.extend(activation.shell_unset().map(|name| unset(shell, name)));
    text
}

/// The statements that change the environment of a shell that sources or evaluates them. Names that no
/// shell can set are left out.
pub fn render_change(change: &Change, shell: Shell) -> String {
    let unset_names = change.unset.iter().filter(|name| is_shell_name(name) || *name == "PATH");
    let mut text: String = unset_names.map(|name| unset(shell, name)).collect();
    for (name, value) in &change.set {
        if name == "PATH" {
            text.push_str(&set_path(shell, value));
        } else if is_shell_name(name) {
            text.push_str(&set(shell, name, value));
        }
    }
    text
}

/// fish and xonsh take `PATH` for a list.
fn set_path(shell: Shell, path: &str) -> String {
    let list = |quote: fn(&str) -> String| path.split(':').map(quote).collect::<Vec<_>>();
    match shell {
        Shell::Fish => format!("set -gx PATH {}\n", list(quote::fish).join(" ")),
        Shell::Xonsh => format!("$PATH = [{}]\n", list(quote::xonsh).join(", ")),
        shell => set(shell, "PATH", path),
    }
}

fn set(shell: Shell, name: &str, value: &str) -> String {
    match shell {
        Shell::Posix => posix::export(name, value),
        Shell::Fish => format!("set -gx {name} {}\n", quote::fish(value)),
        Shell::Tcsh => format!("setenv {name} {}\n", quote::tcsh(value)),
        Shell::Xonsh => format!("${name} = {}\n", quote::xonsh(value)),
        Shell::PowerShell => format!("${{Env:{name}}} = {}\n", quote::powershell(value)),
    }
}

fn prepend(shell: Shell, folder: &str) -> String {
    match shell {
        Shell::Posix => posix::prepend(folder),
        Shell::Fish => {
            let folder = quote::fish(folder);
            format!("contains -- {folder} $PATH; or set -gx PATH {folder} $PATH\n")
        }
        Shell::Tcsh => {
            let folder = quote::tcsh(folder);
            format!("if ( \":${{PATH}}:\" !~ *:{folder}:* ) setenv PATH {folder}:\"${{PATH}}\"\n")
        }
        Shell::Xonsh => {
            let folder = quote::xonsh(folder);
            format!("if {folder} not in $PATH:\n    $PATH.insert(0, {folder})\n")
        }
        Shell::PowerShell => {
            let folder = quote::powershell(folder);
            format!(
                "if (($Env:PATH -split ':') -cnotcontains {folder}) {{ $Env:PATH = {folder} + ':' + $Env:PATH }}\n"
            )
        }
    }
}

fn append(shell: Shell, folder: &str) -> String {
    match shell {
        Shell::Posix => posix::append(folder),
        Shell::Fish => {
            let folder = quote::fish(folder);
            format!("contains -- {folder} $PATH; or set -gx PATH $PATH {folder}\n")
        }
        Shell::Tcsh => {
            let folder = quote::tcsh(folder);
            format!("if ( \":${{PATH}}:\" !~ *:{folder}:* ) setenv PATH \"${{PATH}}\":{folder}\n")
        }
        Shell::Xonsh => {
            let folder = quote::xonsh(folder);
            format!("if {folder} not in $PATH:\n    $PATH.append({folder})\n")
        }
        Shell::PowerShell => {
            let folder = quote::powershell(folder);
            format!(
                "if (($Env:PATH -split ':') -cnotcontains {folder}) {{ $Env:PATH = $Env:PATH + ':' + {folder} }}\n"
            )
        }
    }
}

/// Nothing where the variable is not set.
fn unset(shell: Shell, name: &str) -> String {
    match shell {
        Shell::Posix => posix::unset(name),
        Shell::Fish => format!("set -e {name}\n"),
        Shell::Tcsh => format!("unsetenv {name}\n"),
        Shell::Xonsh => format!("if '{name}' in ${{...}}:\n    del ${name}\n"),
        Shell::PowerShell => format!("${{Env:{name}}} = $null\n"),
    }
}
