//! The text of a shell that sources scripts and becomes a command.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use mambox_activate::{Change, Shell as Language, render_change};

use crate::literal::literal;
use crate::transition::Transition;

/// The kernel takes no argument above 128 KiB (MAX_ARG_STRLEN); half of it is left to the scripts' names.
const LONGEST: usize = 64 << 10;

/// What takes over should a script end the shell.
const TRAP: &[u8] = b"trap 'printf \"%s\\n\" \"micromamba run: an activation script has ended the shell; \
    those after it were not sourced\" >&2; eval \"$__mamba_command\"' EXIT\n";
const END: &[u8] = b"trap - EXIT\neval \"$__mamba_command\"\n";

/// The arguments of a shell, from `-c` on, that carries out a transition but for `PATH`, and becomes the command.
///
/// Scripts are written for a shell that lives on, and may do anything: fail, exit, set options, shift
/// arguments. The command runs nevertheless. It therefore stands in the text, where a script cannot change it;
/// one too long for that is passed as arguments.
pub(super) fn arguments(transition: &Transition, command: &[OsString]) -> Vec<OsString> {
    let words: Vec<_> = command.iter().map(|word| quoted(word.as_bytes())).collect();
    let whole = quoted(&[b"exec ", &words.join(&b' ')[..]].concat());
    let fits = whole.len() <= LONGEST;
    let whole = if fits { &whole[..] } else { b"'exec \"$@\"'" };
    let mut text = [b"__mamba_command=", whole, b"\n", TRAP].concat();
    for script in &transition.leave {
        text.extend(source(script).bytes());
    }
    if !transition.leave.is_empty() {
        text.extend(render_change(&transition.change, Language::Posix).bytes());
    }
    for script in &transition.enter {
        text.extend(source(script).bytes());
    }
    text.extend_from_slice(END);
    let rest = if fits { &[] } else { command };
    let first = ["-c".into(), OsString::from_vec(text), "micromamba".into()];
    first.into_iter().chain(rest.iter().cloned()).collect()
}

/// A script that fails is named, and the next one's turn comes.
fn source(script: &str) -> String {
    let script = literal(Language::Posix, script);
    format!(". {script} || printf 'micromamba run: %s has failed (status %s)\\n' {script} \"$?\" >&2\n")
}

/// What the environment of the shell gets before it starts: where scripts of a prefix that is left run first,
/// only what no shell could set afterwards, for they expect to be at home.
pub(super) fn change_before(transition: &Transition) -> Change {
    let mut change = transition.change.clone();
    if !transition.leave.is_empty() {
        change.set.retain(|(name, _)| !mambox_activate::is_shell_name(name));
        change.unset.clear();
    }
    change.set.extend(transition.path.iter().map(|path| ("PATH".to_owned(), path.clone())));
    change
}

/// A value as a word of POSIX sh; arguments need not be UTF-8.
fn quoted(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in value {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}
