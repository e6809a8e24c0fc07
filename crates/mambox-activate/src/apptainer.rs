//! The environment under Apptainer and Singularity, which turn an image's Env into a script.
//!
//! They source `/.singularity.d/env/*.sh` in the order of their names for `exec`, `run` and `shell`.
//! Apptainer hides the host's variables from these files and gives back afterwards those that no file
//! set; what a file left empty, it unsets if the host has it. Older versions let the files see them.
//! `10-docker2singularity.sh` is the image's Env, written at conversion as `export X="${X:-"value"}"`:
//! what is there already wins, and the value is quoted by Go's `%q` after a first escaping, which
//! garbles some ([`carries_through_apptainer`]). Variables given with `--env` or `APPTAINERENV_X` are
//! set after all files and win: as the text of a file that is not on disk and can be read once.
//! All of this was tried with Apptainer 1.4.5, but for the older versions.

use crate::activation::{Activation, MARKS};
use crate::posix::{export, export_where_empty, path, without};
use crate::quote::posix;

/// Runs before the image's Env is set.
const FIRST: &str = "/.singularity.d/env/05-mambox.sh";
/// Runs after the image's Env and a definition file's `%environment`.
const LAST: &str = "/.singularity.d/env/95-mambox.sh";
/// Runs after Apptainer's own files but the one for `--env PATH=…`.
const END: &str = "/.singularity.d/env/99-mambox.sh";

/// Where the program is that says what else is to be set (`mambox-init exports`), in images that have it.
pub const PROGRAM: &str = "/usr/local/bin/mambox-init";

/// Variables of a host that break a python or a bash of another machine.
const LEAKS: [&str; 3] = ["BASH_ENV", "PYTHONHOME", "PYTHONPATH"];

const FIRST_IS: &str = "# Variables of the host must not win over the image's. Written by mambox.\n";

/// What the user gives may choose the environment. Singularity has another name for the file; older versions
/// have neither.
const READ_GIVEN: &str = "mambox_given=
{ mambox_given=$(</.inject-apptainer-env.sh); } 2>/dev/null || :
if [ -z \"$mambox_given\" ]; then { mambox_given=$(</.inject-singularity-env.sh); } 2>/dev/null || :; fi
eval \"$mambox_given\"
";

const END_IS: &str = "# What is given with --env and APPTAINERENV_NAME has the last word. Written by mambox.
eval \"${mambox_given-}\"
unset mambox_given
";

/// Files for Apptainer, as absolute paths and their texts; an image needs all of them.
pub type ApptainerScripts = [(&'static str, String); 3];

/// The scripts that make a prefix active under Apptainer, in POSIX sh.
///
/// The first empties what the host may have set: our variables, what scripts of the environment unset,
/// and `LEAKS`. The image's Env then fills them in, so a Dockerfile `FROM` ours may still set any of
/// them, `PYTHONPATH` included; a `PYTHONPATH` meant for the container is given as `--env` or
/// `APPTAINERENV_PYTHONPATH`. Emptied, not unset: the host's value of a variable that scripts unset comes
/// back, and most programs take an empty one for unset.
///
/// The second sets what is still empty or what the conversion garbled, and `PATH`'s folders; with
/// `MAMBA_SKIP_ACTIVATE=1` it takes all of that back. In an image that `has_program`, `mambox-init` then
/// says what else is to be done: another environment (`ENV_NAME`), scripts.
///
/// The third gives what the user set the last word.
pub fn apptainer_scripts(activation: &Activation, has_program: bool) -> ApptainerScripts {
    let marks = activation.marks();
    let ours: Vec<(&str, &str)> =
        marks.iter().map(|(name, value)| (*name, &**value)).chain(activation.shell_variables()).collect();
    let names = LEAKS.into_iter().chain(ours.iter().map(|(name, _)| *name)).chain(activation.shell_unset());
    let first = emptied(names.collect());

    let mut last = format!("# What the image's Env could not carry. Written by mambox.\n{READ_GIVEN}");
    last.push_str("if [ \"${MAMBA_SKIP_ACTIVATE-}\" = 1 ]; then\n");
    last.push_str(&inactive(activation, &ours));
    last.push_str("else\n");
    last.push_str(&path(activation));
    last.extend(ours.into_iter().map(|(name, value)| {
        if carries_through_apptainer(value) { export_where_empty(name, value) } else { export(name, value) }
    }));
    if has_program {
        last.push_str(&ask_program());
    }
    last.push_str("fi\n");
    [(FIRST, first), (LAST, last), (END, END_IS.to_owned())]
}

/// The scripts of an image of the micromamba family, whose environment is chosen when a container starts:
/// they ask `mambox-init`.
pub(crate) fn apptainer_scripts_of_family() -> ApptainerScripts {
    let last = format!(
        "# The environment of ENV_NAME becomes active. Written by mambox.\n{READ_GIVEN}{}",
        ask_program()
    );
    let names = LEAKS.into_iter().chain(MARKS);
    [(FIRST, emptied(names.collect())), (LAST, last), (END, END_IS.to_owned())]
}

/// The text of the first script.
fn emptied(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.dedup();
    names.into_iter().fold(FIRST_IS.to_owned(), |text, name| text + &format!("export {name}=\n"))
}

fn ask_program() -> String {
    format!("if [ -x {PROGRAM} ]; then eval \"$({PROGRAM} exports)\"; fi\n")
}

/// Takes back what the image's Env has set: what a derived image or a user set otherwise stays, as far as
/// that can be told of garbled values.
fn inactive(activation: &Activation, ours: &[(&str, &str)]) -> String {
    let empty = ours.iter().map(|(name, value)| match carries_through_apptainer(value) {
        true => format!("if [ \"${{{name}-}}\" = {} ]; then export {name}=; fi\n", posix(value)),
        false => format!("export {name}=\n"),
    });
    without(activation) + &empty.collect::<String>()
}

/// Whether a value of an image's Env comes out the same under Apptainer.
///
/// It does not where it holds `$`, `"`, `\`, a backtick, or a character that Go does not print as
/// itself: control characters, spaces but U+0020, formats such as U+200D, private and unassigned ones.
/// Most are garbled alone; a backtick or an unclosed `$(` or `${` also loses **all variables** of the
/// Env, those after it and before. Combining characters are answered `false` though they would pass.
pub fn carries_through_apptainer(value: &str) -> bool {
    // Rust escapes for debugging what it takes for unprintable, by the same Unicode categories as Go.
    value.chars().all(|c| c == '\'' || (!matches!(c, '$' | '`') && c.escape_debug().len() == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was put into an image's Env, converted and read back with Apptainer 1.4.5.
    #[test]
    fn values_that_apptainer_carries() {
        let carried = [
            "",
            "plain",
            "two words",
            " lead",
            "trail ",
            "a'b",
            "!",
            "a}b",
            "{a",
            "{a,b}",
            "~",
            "~/x",
            "*",
            "#",
            "a;b",
            "a|b&c",
            "<a>",
            "(a)",
            "[a]",
            "a=b",
            "%s %d",
            "é☃",
            "😀",
            "𐊀",
            "a:b",
            "-n",
            "\u{fffd}",
        ];
        for value in carried {
            assert!(carries_through_apptainer(value), "{value:?}");
        }
        let changed = [
            "$",
            "a$",
            "a$b",
            "${b}",
            "5$ x",
            "$$",
            "$'a'",
            "a\"b",
            "\\",
            "a\\b",
            "a\nb",
            "a\tb",
            "a\rb",
            "\u{a0}",
            "\u{200b}",
            "\u{202e}",
            "\u{ad}",
            "\u{feff}",
            "\u{2028}",
            "\u{3000}",
            "\u{1}",
            "\u{7f}",
            "\u{85}",
            "\u{e000}",
            "\u{10ffff}",
            "\u{e0001}",
            "\u{378}",
            "\u{ffff}",
            "👩\u{200d}💻",
        ];
        let lost = ["`", "a`b", "a$(b", "a${b", "a$[1", "a$((1"];
        for value in changed.into_iter().chain(lost) {
            assert!(!carries_through_apptainer(value), "{value:?}");
        }
    }
}
