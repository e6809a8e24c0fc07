//! Comma-separated values as python's `csv` module reads and writes them by default.

/// The rows of a text; lines without anything are none.
pub(super) fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            c if quoted => field.push(c),
            '"' if field.is_empty() => quoted = true,
            ',' => row.push(std::mem::take(&mut field)),
            '\r' | '\n' => {
                if !row.is_empty() || !field.is_empty() {
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
            }
            c => field.push(c),
        }
    }
    if !row.is_empty() || !field.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows
}

/// A field, in quotes where it needs them.
pub(super) fn field(text: &str) -> String {
    match text.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_and_line_ends_of_all_kinds() {
        let text = "a,b,1\r\n\"x,y\",\"he said \"\"no\"\"\",\n\n\"line\nend\",,\rlast,it\"s";
        let rows: Vec<String> = rows(text).into_iter().map(|row| format!("{row:?}")).collect();
        insta::assert_snapshot!(rows.join("\n"), @r#"
        ["a", "b", "1"]
        ["x,y", "he said \"no\"", ""]
        ["line\nend", "", ""]
        ["last", "it\"s"]
        "#);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn what_is_written_is_read(fields in prop::collection::vec("[a\",\r\n é]{0,8}", 2..5)) {
            let text = fields.iter().map(|text| field(text)).collect::<Vec<_>>().join(",") + "\n";
            prop_assert_eq!(rows(&text), [fields]);
        }
    }
}
