//! Values as literals of each shell.

use mambox_activate::{Change, Shell as Language, render_change};

/// A value as the shell reads it back, to the byte. Values hold no NUL.
pub(crate) fn literal(language: Language, value: &str) -> String {
    // What a statement that sets a variable has behind its head: there is one quoting, which is mambox-activate's.
    let statement =
        render_change(&Change { set: vec![("X".to_owned(), value.to_owned())], unset: Vec::new() }, language);
    let head = match language {
        Language::Posix => "export X=",
        Language::Fish => "set -gx X ",
        Language::Tcsh => "setenv X ",
        Language::Xonsh => "$X = ",
        Language::PowerShell => "${Env:X} = ",
    };
    statement.strip_prefix(head).unwrap_or_default().trim_end_matches('\n').to_owned()
}

/// A template with its `@NAME@` marks replaced, in one pass: what is put in is not looked at again.
pub(crate) fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some(start) = rest.find('@') {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let mark = values.iter().find(|(mark, _)| from.starts_with(mark));
        let (put, length) = mark.map_or(("@", 1), |(mark, value)| (value, mark.len()));
        text.push_str(put);
        rest = &from[length..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_literal() {
        let languages =
            [Language::Posix, Language::Fish, Language::Tcsh, Language::Xonsh, Language::PowerShell];
        let all = languages.map(|language| literal(language, "it's $x")).join("\n");
        insta::assert_snapshot!(all, @r#"
        'it'"'"'s $x'
        'it\'s $x'
        'it'\''s $x'
        'it\'s $x'
        'it''s $x'
        "#);
    }

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        assert_eq!(filled("a@ @X@ $@ @Y@", &[("@X@", "@Y@"), ("@Y@", "2")]), "a@ @Y@ $@ 2");
    }
}
