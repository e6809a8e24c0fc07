//! Questions.

use std::io::BufRead;

use super::Console;

/// What somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// Nobody is there, and the question has no default.
    Nobody,
}

/// Asks a question; the end of input takes the default, as `docker build` gives no answers. What is no answer is
/// asked again.
pub(crate) fn ask(console: &Console, question: &str, default: Option<bool>) -> Answer {
    let choices = match default {
        Some(true) => "[Y/n]",
        Some(false) => "[y/N]",
        None => "[y/n]",
    };
    let preset = match default {
        Some(true) => Answer::Yes,
        Some(false) => Answer::No,
        None => Answer::Nobody,
    };
    loop {
        console.prompt(&format!("{question}: {choices} "));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        match (read, line.trim().to_ascii_lowercase().as_str()) {
            (Ok(0) | Err(_), _) => {
                console.say("");
                return preset;
            }
            (_, "y" | "yes") => return Answer::Yes,
            (_, "n" | "no") => return Answer::No,
            (_, "") if default.is_some() => return preset,
            _ => {}
        }
    }
}
