//! The shells that can be integrated with, by the names that micromamba gives them.

use std::path::Path;

use mambox_activate::Shell as Language;

use crate::error::ShellError;

/// A shell of micromamba's `--shell`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash, 3.2 and later.
    Bash,
    /// zsh.
    Zsh,
    /// dash.
    Dash,
    /// Any other shell of POSIX's kind: busybox's ash, mksh, ksh.
    Posix,
    /// fish 3 and later.
    Fish,
    /// csh.
    Csh,
    /// tcsh.
    Tcsh,
    /// xonsh.
    Xonsh,
    /// PowerShell on Linux or macOS.
    PowerShell,
}

/// All shells with the names they go by; the first is the one to print.
const NAMES: [(Shell, &[&str]); 9] = [
    (Shell::Bash, &["bash"]),
    (Shell::Zsh, &["zsh"]),
    (Shell::Dash, &["dash"]),
    (Shell::Posix, &["posix", "sh", "ash", "ksh", "mksh", "busybox"]),
    (Shell::Fish, &["fish"]),
    (Shell::Csh, &["csh"]),
    (Shell::Tcsh, &["tcsh"]),
    (Shell::Xonsh, &["xonsh"]),
    (Shell::PowerShell, &["powershell", "pwsh"]),
];

impl Shell {
    /// The shell that a name means; micromamba's names and those of the programs.
    ///
    /// # Errors
    /// [`ShellError::UnsupportedShell`] for `cmd.exe` and `nu`, which micromamba knows and we do not, and
    /// [`ShellError::UnknownShell`] for anything else.
    pub fn parse(name: &str) -> Result<Self, ShellError> {
        if let Some((shell, _)) = NAMES.iter().find(|(_, names)| names.contains(&name)) {
            return Ok(*shell);
        }
        Err(match name {
            "cmd.exe" | "cmd" | "nu" | "nushell" => ShellError::UnsupportedShell(name.into()),
            name => ShellError::UnknownShell(name.into()),
        })
    }

    /// The name that [`Shell::parse`] takes and the hooks pass on.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(shell, _)| *shell == self).map_or("posix", |(_, names)| names[0])
    }

    /// The shell that a user most likely types into: the parent process, if it is a shell, else `$SHELL`.
    ///
    /// `parent` is a program's name (see [`parent_program`]), `variable` the value of `SHELL`. Login shells,
    /// whose names begin with `-`, are known too.
    pub fn guess(parent: Option<&str>, variable: Option<&str>) -> Option<Self> {
        let named = |name: &str| Self::parse(name.trim_start_matches('-')).ok();
        let variable = variable.and_then(|path| Path::new(path).file_name()?.to_str());
        parent.and_then(named).or_else(|| variable.and_then(named))
    }

    /// The language in which statements are written for it.
    pub(crate) fn language(self) -> Language {
        match self {
            Self::Bash | Self::Zsh | Self::Dash | Self::Posix => Language::Posix,
            Self::Fish => Language::Fish,
            Self::Csh | Self::Tcsh => Language::Tcsh,
            Self::Xonsh => Language::Xonsh,
            Self::PowerShell => Language::PowerShell,
        }
    }

    /// How the names of scripts end that are written for it.
    pub(crate) fn script_endings(self) -> &'static [&'static str] {
        match self.language() {
            Language::Posix => &[".sh"],
            Language::Fish => &[".fish"],
            Language::Tcsh => &[".csh"],
            Language::Xonsh => &[".xsh", ".sh"],
            Language::PowerShell => &[".ps1"],
        }
    }
}

/// The name of the program that started this one, from Linux's `/proc`; `None` where that cannot be read.
pub fn parent_program() -> Option<String> {
    let parent = rustix::process::getppid()?.as_raw_nonzero();
    let name = std::fs::read_to_string(format!("/proc/{parent}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 2 of the reference: which shells there are.
    #[test]
    fn every_name_means_a_shell_and_a_shell_has_a_name() {
        for (shell, names) in NAMES {
            assert!(names.iter().all(|name| Shell::parse(name).unwrap() == shell), "{names:?}");
            assert_eq!(Shell::parse(shell.name()).unwrap(), shell);
        }
        insta::assert_snapshot!(Shell::parse("nu").unwrap_err(), @"the shell 'nu' is not supported: use bash, zsh, dash, posix, fish, tcsh, xonsh or powershell");
        insta::assert_snapshot!(Shell::parse("BASH").unwrap_err(), @"unknown shell 'BASH': use bash, zsh, dash, posix, fish, tcsh, xonsh or powershell");
    }

    #[test]
    fn the_parent_counts_more_than_the_account() {
        let guess = Shell::guess;
        assert_eq!(guess(Some("zsh"), Some("/bin/bash")), Some(Shell::Zsh));
        assert_eq!(guess(Some("-bash"), None), Some(Shell::Bash));
        assert_eq!(guess(Some("make"), Some("/usr/bin/fish")), Some(Shell::Fish));
        assert_eq!(guess(Some("make"), Some("/usr/sbin/nologin")), None);
        assert_eq!(guess(None, None), None);
    }
}
