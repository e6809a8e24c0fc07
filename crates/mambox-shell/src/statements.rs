//! Transitions as statements of a shell.

use mambox_activate::{Change, Shell as Language, render_change};

use crate::literal::literal;
use crate::shell::Shell;
use crate::transition::Transition;

/// The statements, in the order of section 5 of the reference: `PATH`, scripts of what is left, variables
/// unset, the prompt, variables exported, scripts of what is entered.
pub(crate) fn statements(transition: &Transition, shell: Shell) -> String {
    let language = shell.language();
    let Transition { path, leave, change, ps1, enter } = transition;
    let path = path.iter().map(|path| ("PATH".to_owned(), path.clone())).collect();
    let mut text = plain(Change { set: path, unset: Vec::new() }, language);
    text.extend(leave.iter().map(|script| source(script, language)));
    text += &plain(Change { set: Vec::new(), unset: change.unset.clone() }, language);
    if let (Some(ps1), Language::Posix) = (ps1, language) {
        text += &format!("PS1={}\n", literal(language, ps1));
    }
    text += &plain(Change { set: change.set.clone(), unset: Vec::new() }, language);
    text.extend(enter.iter().map(|script| source(script, language)));
    text
}

fn plain(change: Change, language: Language) -> String {
    let text = render_change(&change, language);
    if language == Language::Tcsh { ended(&text) } else { text }
}

/// tcsh's `eval` of a program's output joins the lines, so each statement needs an end of its own. A line that
/// ends in a backslash goes on.
fn ended(text: &str) -> String {
    text.lines().map(|line| format!("{line}{}\n", if line.ends_with('\\') { "" } else { ";" })).collect()
}

fn source(script: &str, language: Language) -> String {
    let path = literal(language, script);
    match language {
        Language::Posix => format!(". {path}\n"),
        Language::Fish => format!("source {path}\n"),
        Language::Tcsh => format!("source {path};\n"),
        Language::Xonsh if script.ends_with(".sh") => {
            format!("source-bash --suppress-skip-message -n {path}\n")
        }
        Language::Xonsh => format!("source {path}\n"),
        Language::PowerShell => format!(". {path}\n"),
    }
}
