//! What `apptainer run` does.

/// The text of `runscript`: ENTRYPOINT and CMD as Docker combines them; arguments take CMD's place. As Apptainer
/// does it, the shell evaluates the arguments once more (`$HOME` is the container's) unless
/// `SINGULARITY_NO_EVAL` is set; `apptainer run` sets it for `--no-eval`.
pub(super) fn script(entrypoint: &[String], cmd: &[String]) -> String {
    let mut script = String::from(EVALUATE);
    if !cmd.is_empty() {
        script += &format!("\n# CMD\n[ $# -gt 0 ] || set -- {}\n", words(cmd));
    }
    if !entrypoint.is_empty() {
        script += &format!("\n# ENTRYPOINT\nset -- {} \"$@\"\n", words(entrypoint));
    }
    if entrypoint.is_empty() && cmd.is_empty() {
        script += NOTHING;
    }
    script + "\nexec \"$@\"\n"
}

const EVALUATE: &str = r#"#!/bin/sh
# Runs the image's command.

if [ -z "${SINGULARITY_NO_EVAL:-}" ]; then
    arguments=
    for argument in "$@"; do
        arguments="$arguments \"$argument\""
    done
    eval "set -- $arguments"
    unset arguments argument
fi
"#;

const NOTHING: &str = r#"
if [ $# -eq 0 ]; then
    echo "This image has no command to run; name one, or use 'apptainer shell'." >&2
    exit 0
fi
"#;

fn words(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word that a POSIX shell takes for just that.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
