//! Command lines as a person types them, cut into words.

/// Splits at blanks; single and double quotes keep a word together.
pub(crate) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut open) = (String::new(), None, false);
    for letter in line.chars() {
        match (letter, quote) {
            (letter, Some(end)) if letter == end => quote = None,
            (letter, Some(_)) => word.push(letter),
            ('\'' | '"', None) => (quote, open) = (Some(letter), true),
            (letter, None) if letter.is_whitespace() => {
                if open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (letter, None) => {
                word.push(letter);
                open = true;
            }
        }
    }
    if open {
        words.push(word);
    }
    words
}

#[test]
fn quotes_keep_words_together() {
    assert_eq!(split("install  'leaf >=1' -e A='' \"\""), ["install", "leaf >=1", "-e", "A=", ""]);
}
