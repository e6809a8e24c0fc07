//! Where shells read what they do at their start.

use std::path::{Path, PathBuf};

use crate::error::ShellError;
use crate::hook::HookContext;
use crate::shell::Shell;

/// Whose shells are set up, and for which program.
#[derive(Debug, Clone, Copy)]
pub struct InitContext<'a> {
    /// The user's home folder.
    pub home: &'a Path,
    /// `XDG_CONFIG_HOME`, where it is set; fish and PowerShell look there.
    pub config_home: Option<&'a Path>,
    /// `ZDOTDIR`, where it is set; zsh looks there.
    pub zdotdir: Option<&'a Path>,
    /// The absolute root prefix.
    pub root_prefix: &'a Path,
    /// The program's own absolute path.
    pub executable: &'a Path,
    /// Whether terminals start login shells, as on macOS, so that bash reads `.bash_profile` only.
    pub login_shells: bool,
}

impl InitContext<'_> {
    /// The file that the shell reads at its start.
    pub(super) fn start_file(&self, shell: Shell) -> Result<PathBuf, ShellError> {
        let config = self.config_home.map_or_else(|| self.home.join(".config"), Path::to_owned);
        Ok(match shell {
            Shell::Bash if self.login_shells => self.home.join(".bash_profile"),
            Shell::Bash => self.home.join(".bashrc"),
            Shell::Zsh => self.zdotdir.unwrap_or(self.home).join(".zshrc"),
            Shell::Fish => config.join("fish/config.fish"),
            Shell::Xonsh => self.home.join(".xonshrc"),
            Shell::PowerShell => config.join("powershell/profile.ps1"),
            Shell::Csh | Shell::Tcsh => {
                // tcsh reads the second only where the first is missing, so making that would hide it.
                let [tcshrc, cshrc] = [".tcshrc", ".cshrc"].map(|name| self.home.join(name));
                if cshrc.exists() && !tcshrc.exists() { cshrc } else { tcshrc }
            }
            Shell::Dash | Shell::Posix => return Err(ShellError::NoStartFile(shell.name())),
        })
    }

    /// The file in the root prefix that has the hook for this kind of shells.
    pub(super) fn root_file(&self, shell: Shell) -> PathBuf {
        self.root_prefix.join(match shell {
            Shell::Bash | Shell::Zsh | Shell::Dash | Shell::Posix => "etc/profile.d/mamba.sh",
            Shell::Csh | Shell::Tcsh => crate::hook::CSH_PROFILE,
            Shell::Xonsh => "etc/profile.d/mamba.xsh",
            Shell::Fish => "etc/fish/conf.d/mamba.fish",
            Shell::PowerShell => "condabin/mamba_hook.ps1",
        })
    }

    /// The hook for files, where nobody asks for more than the functions.
    pub(super) fn plain_hook(&self) -> HookContext<'_> {
        let Self { root_prefix, executable, .. } = *self;
        HookContext { executable, root_prefix, auto_activate_base: false, completion: false }
    }
}
