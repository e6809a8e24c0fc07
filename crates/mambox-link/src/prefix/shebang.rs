//! The first line of a script, which the kernel reads by its own rules.

use std::borrow::Cow;

/// Longest shebang line that Linux reads (BINPRM_BUF_SIZE less the end).
const MAX_SHEBANG: usize = 127;

/// A shebang line (without its newline) with the prefix replaced. Where the kernel could not follow it,
/// because it is too long or the prefix holds a space, `/usr/bin/env` or a shell finds the program.
pub(super) fn replace(line: &[u8], placeholder: &str, target: &str) -> String {
    let line = String::from_utf8_lossy(line);
    if target.contains(' ') {
        if !line.contains(placeholder) {
            return line.into_owned();
        }
        // The shell's form holds the whole path, so it is made before the replacement.
        return indirect(line).replace(placeholder, target);
    }
    let replaced = line.replace(placeholder, target);
    if replaced.starts_with("#!") && replaced.len() > MAX_SHEBANG {
        return indirect(replaced.into()).into_owned();
    }
    replaced
}

/// A line that finds the interpreter without naming its path in the shebang.
fn indirect(line: Cow<'_, str>) -> Cow<'_, str> {
    let Some((path, rest)) = split(&line) else { return line };
    let program = path.rsplit_once('/').map_or(path, |(_, name)| name);
    if is_python(program) {
        // Python takes the second line for a string, the shell for a command.
        Cow::Owned(format!("#!/bin/sh\n'''exec' \"{path}\"{rest} \"$0\" \"$@\" #'''"))
    } else {
        Cow::Owned(format!("#!/usr/bin/env {program}{rest}"))
    }
}

/// Splits `#! /path/to\ it --flag` into `/path/to\ it` and ` --flag`.
fn split(line: &str) -> Option<(&str, &str)> {
    let path = line.strip_prefix("#!")?.trim_start_matches(' ');
    if !path.starts_with('/') || path.contains('\n') {
        return None;
    }
    let mut escaped = false;
    let end = path.find(|c: char| {
        let ends = matches!(c, '\r' | '\t') || (c == ' ' && !escaped);
        escaped = c == '\\';
        ends
    });
    Some(path.split_at(end.unwrap_or(path.len())))
}

/// `python`, `python3`, `python3.12`.
fn is_python(program: &str) -> bool {
    let Some(version) = program.strip_prefix("python") else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match version.split_once('.') {
        Some((major, minor)) => is_number(major) && is_number(minor),
        None => version.is_empty() || is_number(version),
    }
}
