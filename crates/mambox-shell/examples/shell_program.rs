//! The smallest program around the library: `shell hook|activate|deactivate|reactivate`, `run`, and an
//! `install` that does nothing. The tests put it in micromamba's place.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program prints and reads its environment"
)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mambox_shell::{
    Answer, EnvSet, Environment, HookContext, How, InitContext, Prompt, RunRequest, Session, Shell,
    ShellError, Streams, activate, apply, deactivate, deinit, hook, init, prepare, reactivate, target_prefix,
};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let texts: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let words: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let root = PathBuf::from(std::env::var_os("MAMBA_ROOT_PREFIX").expect("MAMBA_ROOT_PREFIX is set"));
    let answer = match &words[1..] {
        ["shell", rest @ ..] => shell(Path::new(words[0]), &root, rest),
        ["run", rest @ ..] => return run(&root, rest, &arguments),
        other => {
            println!("ran {}", other.join(" "));
            Ok(Answer::default())
        }
    };
    match answer {
        Ok(answer) => {
            answer.warnings.iter().for_each(|warning| eprintln!("warning {warning}"));
            print!("{}", answer.text);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("critical {problem}");
            ExitCode::FAILURE
        }
    }
}

fn shell(executable: &Path, root: &Path, words: &[&str]) -> Result<Answer, ShellError> {
    let mut words = words.to_vec();
    let mut shell = Shell::Posix;
    if let Some(place) = words.iter().position(|word| *word == "--shell") {
        shell = Shell::parse(words[place + 1])?;
        words.drain(place..place + 2);
    }
    if let Some(place) = words.iter().position(|word| *word == "--root-prefix") {
        words.drain(place..place + 2);
    }
    let environment: Environment = std::env::vars().collect();
    let prompt = Prompt::default();
    let session = Session { shell, environment: &environment, root_prefix: root, prompt: &prompt };
    let how = if words.contains(&"--stack") { How::Stack } else { How::Replace };
    words.retain(|word| *word != "--stack");
    match words[..] {
        ["hook", ref more @ ..] => {
            let auto_activate_base = more.contains(&"--base");
            let context = HookContext { executable, root_prefix: root, auto_activate_base, completion: true };
            Ok(Answer { text: hook(shell, &context)?, warnings: Vec::new() })
        }
        ["activate", ref word @ ..] => {
            let current = std::env::current_dir().expect("a current folder");
            activate(&session, &target_prefix(word.first().copied(), root, &[], &current), how)
        }
        ["init" | "deinit"] => {
            let home = PathBuf::from(std::env::var_os("HOME").expect("HOME is set"));
            let context = InitContext {
                home: &home,
                config_home: None,
                zdotdir: None,
                root_prefix: root,
                executable,
                login_shells: false,
            };
            let edits = if words[0] == "init" { init(shell, &context)? } else { deinit(shell, &context)? };
            Ok(Answer { text: String::new(), warnings: apply(&edits)? })
        }
        ["deactivate"] => deactivate(&session),
        ["reactivate"] => reactivate(&session),
        ref other => panic!("unknown words {other:?}"),
    }
}

/// `run [-d] [-c (clean)] [-e K=V]… [-a STREAMS] [-p PREFIX] [-w CWD] COMMAND…`
fn run(root: &Path, words: &[&str], arguments: &[OsString]) -> ExitCode {
    let (prefix, root_prefix) = (root.join("envs/py"), root.to_owned());
    let mut request = RunRequest {
        prefix,
        root_prefix,
        environment: std::env::vars_os().collect(),
        ..RunRequest::default()
    };
    let mut rest = words;
    loop {
        rest = match rest {
            ["-d", rest @ ..] => {
                request.detach = true;
                rest
            }
            ["-c", rest @ ..] => {
                request.clean_env = true;
                rest
            }
            ["-e", set, rest @ ..] => {
                request.env_sets.push(EnvSet::parse(set.as_ref()).expect("a variable"));
                rest
            }
            ["-a", streams, rest @ ..] => {
                request.attach = Some(Streams::parse([*streams]).expect("streams"));
                rest
            }
            ["-p", prefix, rest @ ..] => {
                request.prefix = root.join(prefix);
                rest
            }
            ["-w", cwd, rest @ ..] => {
                request.cwd = Some(cwd.into());
                rest
            }
            command => {
                request.command = arguments[arguments.len() - command.len()..].to_vec();
                break;
            }
        };
    }
    let done = prepare(&request).and_then(|launch| {
        launch.warnings.iter().for_each(|warning| eprintln!("warning {warning}"));
        if request.detach { launch.detach() } else { Err(launch.exec()) }
    });
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("critical {problem}");
            ExitCode::from(problem.exit_code())
        }
    }
}
