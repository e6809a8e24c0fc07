//! Starting a command from a shell that has sourced `activate.d` scripts.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::launch::Launch;
use crate::shells::{Shell, quoted};

/// The kernel takes no argument above 128 KiB (MAX_ARG_STRLEN); half of it is left to the scripts' names.
const LONGEST: usize = 64 << 10;

/// Where scripts end, and what takes over should one of them end the shell.
const TRAP: &[u8] = b"trap 'printf \"mambox: %s\\n\" \"an activation script has ended the shell; \
    those after it were not sourced\" >&2; eval \"$mambox_command\"' EXIT\n";
const END: &[u8] = b"trap - EXIT\neval \"$mambox_command\"\n";

/// Lets a shell source scripts, in order, before it becomes the command.
///
/// Scripts are written for a shell that lives on, and may do anything: fail, exit, set options, shift
/// arguments. The command runs nevertheless. It therefore stands in the text, where a script cannot
/// change it; one too long for that is passed as arguments.
pub(crate) fn source(launch: &mut Launch, shell: &Shell, scripts: &[String]) {
    let words: Vec<_> = launch.command.iter().map(|word| quoted(word.as_bytes())).collect();
    let literal = quoted(&[b"exec ", &words.join(&b' ')[..]].concat());
    let fits = literal.len() <= LONGEST;
    let literal = if fits { &literal[..] } else { b"'exec \"$@\"'" };
    let mut text = [b"mambox_command=", literal, b"\n", TRAP].concat();
    for script in scripts {
        let script = quoted(script.as_bytes());
        let told: &[u8] = b" || printf 'mambox: %s has failed (status %s)\\n' ";
        text.extend([b". ", &script[..], told, &script, b" \"$?\" >&2\n"].concat());
    }
    text.extend_from_slice(END);
    let before =
        [OsString::from(&shell.path), "-c".into(), OsString::from_vec(text), "_entrypoint.sh".into()];
    let rest = if fits { Vec::new() } else { std::mem::take(&mut launch.command) };
    launch.command = before.into_iter().chain(rest).collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::process::Command;

    /// What the shells of this machine print when they source scripts of these texts before the command.
    fn sourced(scripts: &[&str], command: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let write = |(number, text): (usize, &&str)| {
            let path = folder.path().join(format!("it's {number}.sh"));
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let scripts: Vec<_> = scripts.iter().enumerate().map(write).collect();
        let shells = ["/bin/bash", "/bin/dash", "/bin/busybox", "/bin/mksh"];
        let present = shells.into_iter().filter(|shell| Path::new(shell).exists());
        let mut answers = present.map(|path| {
            let shell = Shell { path: path.into(), is_bash: false };
            let mut launch = Launch::default();
            launch.command = command.iter().map(Into::into).collect();
            source(&mut launch, &shell, &scripts);
            let busybox = path.ends_with("busybox").then_some("sh");
            let output = Command::new(path)
                .args(busybox)
                .args(&launch.command[1..])
                .output()
                .expect("the shell starts");
            let ours = String::from_utf8_lossy(&output.stderr)
                .lines()
                .filter_map(|line| line.strip_prefix("mambox: ").map(|line| format!("{line}\n")))
                .collect::<String>();
            (
                path,
                ours.replace(folder.path().to_str().unwrap(), "") + &String::from_utf8_lossy(&output.stdout),
            )
        });
        let (_, first) = answers.next().expect("some shell");
        for (shell, answer) in answers {
            assert_eq!(answer, first, "{shell}");
        }
        first
    }

    #[test]
    fn scripts_are_sourced_in_order_and_the_command_gets_their_variables() {
        let scripts = ["export A=1 B=1", "export B=${A}2"];
        insta::assert_snapshot!(sourced(&scripts, &["sh", "-c", "echo $A $B \"$1\"", "x", "it's $A\n\"\\ "]), @r#"
        1 12 it's $A
        "\
        "#);
    }

    #[test]
    fn a_script_that_fails_is_named_and_the_others_count() {
        let scripts = ["export A=1; false", "export B=2"];
        insta::assert_snapshot!(sourced(&scripts, &["sh", "-c", "echo $A $B"]), @r"
        /it's 0.sh has failed (status 1)
        1 2
        ");
    }

    #[test]
    fn a_script_that_exits_does_not_take_the_command_along() {
        let scripts = ["f() { exit 3; }; export A=1; f x y", "export B=2"];
        insta::assert_snapshot!(sourced(&scripts, &["sh", "-c", "echo $A $B"]), @r"
        an activation script has ended the shell; those after it were not sourced
        1
        ");
    }

    #[test]
    fn options_and_arguments_of_a_script_do_not_reach_the_command() {
        let scripts = ["set -eu; set -- a b; shift; cd /; export A=1", "export B=2"];
        insta::assert_snapshot!(sourced(&scripts, &["sh", "-c", "echo $A $B $#${C}", "x", "y"]), @"1 2 1");
    }

    #[test]
    fn a_command_too_long_for_the_text_is_passed_as_arguments() {
        let long = "x".repeat(LONGEST);
        let printed = sourced(&["export A=1"], &["sh", "-c", "echo $A ${#1} $#", "x", &long, "y"]);
        assert_eq!(printed, format!("1 {LONGEST} 2\n"));
    }
}
