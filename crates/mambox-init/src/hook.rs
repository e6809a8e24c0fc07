//! `mambox-init hook`: the activation as statements, for a shell that is running already.

use std::ffi::OsString;

use mambox_activate::{Shell, render_change};

use crate::activate::activate;
use crate::launch::Launch;
use crate::shells::quoted;
use crate::world::World;

/// A command line that `hook` does not understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("usage: mambox-init hook --shell bash (or sh, dash, zsh, fish, tcsh, xonsh, pwsh); {0}")]
pub(crate) struct HookError(String);

/// The statements that make the wanted prefix active in a shell that evaluates them. Scripts are sourced
/// by shells of POSIX's kind only: they are written for those. Nothing is said of an environment that is
/// not there, since every new shell would say it.
pub(crate) fn run(world: &World, arguments: &[OsString]) -> Result<String, HookError> {
    let shell = shell(arguments)?;
    let mut launch = Launch::default();
    let scripts = activate(world, &mut launch);
    let mut text = render_change(&launch.into_change(), shell);
    if shell == Shell::Posix {
        for script in &scripts {
            text.push_str(&format!(". {}\n", String::from_utf8_lossy(&quoted(script.as_bytes()))));
        }
    }
    Ok(text)
}

/// The shell that `--shell NAME` or `--shell=NAME` asks for.
fn shell(arguments: &[OsString]) -> Result<Shell, HookError> {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    let name = match words[..] {
        ["--shell" | "-s", name] => name,
        [word] => word.strip_prefix("--shell=").ok_or_else(|| HookError(format!("not '{word}'")))?,
        _ => return Err(HookError("no shell was named".into())),
    };
    Shell::of_program(name).ok_or_else(|| HookError(format!("there is no shell '{name}'")))
}
