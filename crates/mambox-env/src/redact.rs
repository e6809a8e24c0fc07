//! Text from outside, made fit for a message.

/// Most characters of foreign text that a message repeats.
const SHOWN: usize = 200;

/// Drops control characters, passwords and tokens (`://user:pass@`, `/t/TOKEN/`), and cuts what is too long.
pub(crate) fn for_message(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut shown = String::new();
    let mut rest = clean.trim();
    while let Some(scheme) = rest.find("://") {
        let (before, after) = rest.split_at(scheme + 3);
        shown.push_str(before);
        let end = after.find(|c: char| c.is_whitespace()).unwrap_or(after.len());
        let (url, following) = after.split_at(end);
        shown.push_str(&without_secrets(url));
        rest = following;
    }
    shown.push_str(rest);
    if shown.chars().count() > SHOWN {
        shown = shown.chars().take(SHOWN).collect::<String>() + "…";
    }
    shown
}

/// What follows `://`, without user information and token.
fn without_secrets(url: &str) -> String {
    let authority_end = url.find(['/', '#', '?']).unwrap_or(url.len());
    let (authority, path) = url.split_at(authority_end);
    let host = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let path = path.split_once("/t/").map_or(path.to_owned(), |(before, after)| {
        let channel = after.split_once('/').map_or("", |(_token, channel)| channel);
        format!("{before}/{channel}")
    });
    let path = path.split_once('?').map_or(path.as_str(), |(path, _query)| path);
    format!("{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_secrets() {
        for (raw, shown) in [
            ("numpy >=2", "numpy >=2"),
            ("git+https://s3cret@host/x.git@main", "git+https://host/x.git@main"),
            ("https://u:p@ss@host/chan::numpy", "https://host/chan::numpy"),
            ("https://host/t/tk-1/chan::numpy https://u:p@h", "https://host/chan::numpy https://h"),
            ("https://host/t/tk-1", "https://host/"),
            ("https://host/x?token=1", "https://host/x"),
            ("a\u{1b}[31mb\n", "a [31mb"),
        ] {
            assert_eq!(for_message(raw), shown);
        }
        assert_eq!(for_message(&"x".repeat(300)).chars().count(), SHOWN + 1);
    }
}
