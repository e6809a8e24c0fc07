//! `micromamba shell`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use mambox_config::Fallback;
use mambox_shell::{Answer, HookContext, How, InitContext, Prompt, Shell as ShellKind, ShellError};
use serde_json::json;

use super::{Global, Overrides};
use crate::ending::Finish;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::session::Session;

/// Set up shells, and start one in an environment
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Shell {
    #[command(subcommand)]
    command: Option<ShellCommand>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Clone, Default, Args)]
struct Options {
    /// bash, zsh, dash, posix, fish, tcsh, xonsh or powershell
    #[arg(short = 's', long, value_name = "SHELL")]
    shell: Option<String>,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum ShellCommand {
    /// Print the function 'micromamba' for a shell to evaluate
    #[command(after_help = "Example:\n  eval \"$(micromamba shell hook --shell bash)\"")]
    Hook(Options),
    /// Let every new shell have the function 'micromamba'
    Init(Options),
    /// Undo 'shell init'
    Deinit(Options),
    /// Renew what 'shell init' wrote
    Reinit(Options),
    /// Print what activates an environment
    Activate(ActivateWords),
    /// Print what deactivates the environment
    Deactivate(Options),
    /// Print what activates the environment anew
    Reactivate(Options),
    #[command(hide = true, name = "enable_long_path_support")]
    LongPaths(Options),
}

#[derive(Debug, Args)]
struct ActivateWords {
    /// Name or path of the environment; base if none is given
    #[arg(value_name = "ENVIRONMENT")]
    environment: Option<String>,
    /// Keep the programs of the environment that is active
    #[arg(long, overrides_with = "no_stack")]
    stack: bool,
    #[arg(long, hide = true)]
    no_stack: bool,
    #[command(flatten)]
    options: Options,
}

impl Shell {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let open =
            |global: Global| Session::open(global.or(outer), Overrides::new(), machine, Fallback::Active);
        match self.command {
            None => start(&open(self.options.global)?, self.options.shell.as_deref()),
            Some(ShellCommand::Hook(options)) => {
                let session = open(options.global)?;
                hook(&session, options.shell.as_deref()).finish(&session)
            }
            Some(ShellCommand::Init(options) | ShellCommand::Reinit(options)) => {
                let session = open(with_old_prefix(options.global))?;
                set_up(&session, options.shell.as_deref(), true).finish(&session)
            }
            Some(ShellCommand::Deinit(options)) => {
                let session = open(with_old_prefix(options.global))?;
                set_up(&session, options.shell.as_deref(), false).finish(&session)
            }
            Some(ShellCommand::Activate(words)) => {
                let session = open(words.options.global.clone())?;
                activate(&session, &words).finish(&session)
            }
            Some(ShellCommand::Deactivate(options)) => {
                let session = open(options.global)?;
                answer(&session, options.shell.as_deref(), mambox_shell::deactivate).finish(&session)
            }
            Some(ShellCommand::Reactivate(options)) => {
                let session = open(options.global)?;
                answer(&session, options.shell.as_deref(), mambox_shell::reactivate).finish(&session)
            }
            Some(ShellCommand::LongPaths(_)) => super::hints::unsupported("shell enable_long_path_support"),
        }
    }
}

/// Before 2.0 `shell init -p` named the root prefix.
fn with_old_prefix(global: Global) -> Global {
    Global { root_prefix: global.root_prefix.or(global.prefix), prefix: None, ..global }
}

fn kind(session: &Session<'_>, given: Option<&str>) -> Outcome<ShellKind> {
    if let Some(name) = given {
        return ShellKind::parse(name).map_err(Failure::new);
    }
    let variable = session.machine.var("SHELL");
    ShellKind::guess(mambox_shell::parent_program().as_deref(), variable)
        .ok_or_else(|| Failure::Message("Please provide a shell type (--shell bash)".to_owned()))
}

fn hook(session: &Session<'_>, given: Option<&str>) -> Outcome {
    let context = HookContext {
        executable: &session.machine.executable,
        root_prefix: &session.root_prefix,
        auto_activate_base: session.settings.auto_activate_base,
        completion: session.settings.shell_completion,
    };
    let text = mambox_shell::hook(kind(session, given)?, &context).map_err(Failure::new)?;
    print(session, &text);
    Ok(())
}

fn activate(session: &Session<'_>, words: &ActivateWords) -> Outcome {
    let settings = &session.settings;
    // What `-p` and `-n` say goes before the word, and the word before anything that is active.
    let named = session.global.prefix.is_some() || session.global.common.name.is_some();
    let target = match (named, &words.environment) {
        (true, _) => session.target(Fallback::Active, None)?,
        (false, word) => mambox_shell::target_prefix(
            word.as_deref(),
            &session.root_prefix,
            &settings.envs_dirs,
            &session.machine.current_dir,
        ),
    };
    let how = if words.stack { How::Stack } else { How::Replace };
    answer(session, words.options.shell.as_deref(), |shell| mambox_shell::activate(shell, &target, how))
}

fn answer(
    session: &Session<'_>,
    given: Option<&str>,
    act: impl FnOnce(&mambox_shell::Session<'_>) -> Result<Answer, ShellError>,
) -> Outcome {
    let prompt =
        Prompt { changeps1: session.settings.changeps1, env_prompt: session.settings.env_prompt.clone() };
    let shell = mambox_shell::Session {
        shell: kind(session, given)?,
        environment: &session.machine.variables,
        root_prefix: &session.root_prefix,
        prompt: &prompt,
    };
    let answer = act(&shell).map_err(Failure::new)?;
    answer.warnings.iter().for_each(|warning| session.console.warn(warning));
    print(session, &answer.text);
    Ok(())
}

fn print(session: &Session<'_>, text: &str) {
    session.console.set("actions", json!({ "print": [text] }));
    session.console.result(text.trim_end_matches('\n'));
}

fn set_up(session: &Session<'_>, given: Option<&str>, on: bool) -> Outcome {
    let machine = session.machine;
    let home = machine.home.as_deref().ok_or_else(|| Failure::Message("HOME not set.".to_owned()))?;
    let folder = |name: &str| machine.var(name).map(PathBuf::from);
    let (config_home, zdotdir) = (folder("XDG_CONFIG_HOME"), folder("ZDOTDIR"));
    let context = InitContext {
        home,
        config_home: config_home.as_deref(),
        zdotdir: zdotdir.as_deref(),
        root_prefix: &session.root_prefix,
        executable: &machine.executable,
        login_shells: cfg!(target_os = "macos"),
    };
    let shell = kind(session, given)?;
    let edits = if on { mambox_shell::init(shell, &context) } else { mambox_shell::deinit(shell, &context) };
    let edits = edits.map_err(Failure::new)?;
    for edit in &edits {
        let verb = match (&edit.before, &edit.after) {
            (None, _) => "Writing",
            (_, None) => "Removing",
            _ => "Modifying",
        };
        session.console.say(format!("{verb} {}", edit.path.display()));
    }
    if edits.is_empty() {
        session.console.say("Nothing to change.");
    }
    if session.settings.dry_run {
        session.console.say("Dry run. No file was changed.");
        return Ok(());
    }
    let warnings = mambox_shell::apply(&edits).map_err(Failure::new)?;
    warnings.iter().for_each(|warning| session.console.warn(warning));
    Ok(())
}

/// `micromamba shell`: a shell in the environment.
fn start(session: &Session<'_>, given: Option<&str>) -> Outcome {
    let shell = given.map(str::to_owned).or_else(|| session.machine.var("SHELL").map(str::to_owned));
    let shell = shell.unwrap_or_else(|| {
        let bash = Path::new("/bin/bash");
        if bash.exists() { bash.display().to_string() } else { "/bin/sh".to_owned() }
    });
    let request = mambox_shell::RunRequest {
        prefix: session.target(Fallback::Active, None)?,
        root_prefix: session.root_prefix.clone(),
        environment: std::env::vars_os().collect(),
        command: vec![shell.into()],
        ..Default::default()
    };
    let launch = mambox_shell::prepare(&request).map_err(Failure::new)?;
    Err(Failure::new(launch.exec()))
}
