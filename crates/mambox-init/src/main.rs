//! The executable: collects what the programs need to know, and does what they decide.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use mambox_init::{Outcome, World, run};

fn main() -> ExitCode {
    let command_line: Vec<OsString> = std::env::args_os().collect();
    let mut world = World { uid: rustix::process::geteuid().as_raw(), ..World::default() };
    // Not collected, for which the standard library brings a sort for each kind of iterator: 5 KB.
    world.environment.extend(std::env::vars_os().filter_map(text));
    match run(&world, &command_line) {
        Outcome::Text(text) => {
            // Nobody is left to tell where standard output is closed.
            let written = std::io::stdout().write_all(text.as_bytes());
            ExitCode::from(u8::from(written.is_err()))
        }
        Outcome::Failure { code, problem } => {
            tell(&problem);
            ExitCode::from(code)
        }
        Outcome::Launch(launch) => {
            launch.messages.iter().for_each(|message| tell(message));
            let failed = launch.exec(world.environment.get("PATH").map(String::as_str));
            tell(&failed.to_string());
            ExitCode::from(failed.code())
        }
    }
}

/// A variable as text. `PATH` is needed even where a folder in it is none: that one is lost to the command.
fn text((name, value): (OsString, OsString)) -> Option<(String, String)> {
    let value = match value.into_string() {
        Err(value) if name == "PATH" => value.to_string_lossy().into_owned(),
        value => value.ok()?,
    };
    Some((name.into_string().ok()?, value))
}

/// One write, so that lines of several processes do not mix; the command matters more than the message.
fn tell(message: &str) {
    let _ = std::io::stderr().write_all(format!("mambox: {message}\n").as_bytes());
}
