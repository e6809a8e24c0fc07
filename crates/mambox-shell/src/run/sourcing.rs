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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::process::Command;

    /// What a shell prints when it leaves one prefix, enters another and becomes a command.
    fn printed(shell: &str, leave: &str, enter: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let script = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            vec![path.to_str().unwrap().to_owned()]
        };
        let change = Change { set: vec![("P".into(), "new".into())], unset: vec!["GONE".into()] };
        let (leave, enter) = (script("it's a.sh", leave), script("b.sh", enter));
        let transition = Transition { leave, enter, change, ..Transition::default() };
        let command = ["sh", "-c", "echo $P ${GONE-gone} $#", "x", "a b", "c"].map(OsString::from);
        let applet = shell.ends_with("busybox").then_some("sh");
        let output = Command::new(shell)
            .args(applet)
            .args(arguments(&transition, &command))
            .envs([("P", "old"), ("GONE", "1")])
            .output()
            .unwrap();
        let text = [output.stderr, output.stdout].concat();
        String::from_utf8(text).unwrap().replace(folder.path().to_str().unwrap(), "")
    }

    #[test]
    fn every_shell_leaves_enters_and_becomes_the_command() {
        let all = ["/bin/bash", "/bin/dash", "/bin/busybox", "/bin/mksh"];
        let present: Vec<_> = all.into_iter().filter(|shell| Path::new(shell).exists()).collect();
        assert!(!present.is_empty());
        for shell in present {
            let told = "echo \"$P ${GONE-gone}\"; set -eu -- lost";
            assert_eq!(printed(shell, told, told), "old 1\nnew gone\nnew gone 2\n", "{shell}");
            let failed = "micromamba run: /b.sh has failed (status 3)\nnew gone 2\n";
            assert_eq!(printed(shell, ":", "(exit 3)"), failed, "{shell}");
            let ended =
                "micromamba run: an activation script has ended the shell; those after it were not sourced\n";
            assert_eq!(printed(shell, ":", "exit 3"), format!("{ended}new gone 2\n"), "{shell}");
        }
    }
}
