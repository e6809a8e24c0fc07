//! YAML from outside.

use serde_yaml::Value;

/// Deepest nesting of brackets. The parser's own limit (128) comes only after a scan whose time grows with the
/// square of the depth.
const MAX_DEPTH: usize = 500;

/// Parses a text of any origin.
///
/// # Errors
/// The parser's words, or a note that the nesting is too deep.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    check_depth(text)?;
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// Brackets in comments and quotes are counted, too: real files never come near the limit.
pub(crate) fn check_depth(text: &str) -> Result<(), String> {
    let mut brackets = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => brackets += 1,
            b']' | b'}' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        if brackets > MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
    }
    // `- - - …` nests by one with each dash.
    let dashes =
        |line: &str| line.split([' ', '\t']).take_while(|word| matches!(*word, "" | "-" | "?")).count();
    if text
        .lines()
        .any(|line| line.trim_start().starts_with(['-', '?']) && dashes(line.trim_start()) > MAX_DEPTH)
    {
        return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(())
}
