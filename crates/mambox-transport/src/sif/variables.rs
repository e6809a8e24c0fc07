//! An image's Env as a script.

use super::runscript::quoted;

/// The text of `10-docker2singularity.sh`: `PATH` is the image's; of the others, a value that is there already and
/// not empty wins, as in Apptainer's own. Values are quoted so that each comes through whole, which Apptainer's
/// quoting does not achieve with `$`, quotes and control characters. Names that no shell can set are left out.
pub(super) fn script(variables: &[(String, String)]) -> String {
    let mut script = "#!/bin/sh\n# The image's variables.\n".to_owned();
    for (name, value) in variables.iter().filter(|(name, _)| is_name(name)) {
        let value = quoted(value);
        script += &match name.as_str() {
            "PATH" => format!("export PATH={value}\n"),
            _ => format!("[ -n \"${{{name}:-}}\" ] || {name}={value}\nexport {name}\n"),
        };
    }
    script
}

fn is_name(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
}
