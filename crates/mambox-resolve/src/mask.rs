//! Keeps credentials out of whatever a person, a log or a lock gets to see.

use url::Url;

/// What stands where a secret stood.
const MASK: &str = "*****";

/// Query parameters whose values are secrets on some server or other.
const SECRET_PARAMETERS: [&str; 6] = ["sig", "token", "access_token", "auth", "password", "x-amz-signature"];

/// The URL for a person's eyes: user information, `/t/TOKEN/` and secret query values replaced by stars.
pub(crate) fn mask_url(url: &Url) -> String {
    mask_text(url.as_str())
}

/// Masks every URL that occurs in `text`, such as the message of a library that knows nothing of tokens.
pub fn mask_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(ends_url).unwrap_or(after.len());
        if before.ends_with("file://") {
            // A folder named `t` is no sign of a token.
            out.push_str(&after[..end]);
        } else {
            mask_after_scheme(&after[..end], &mut out);
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

/// Characters that no URL in a message goes beyond.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | '|')
}

/// Masks `host/path?query`, the part of a URL behind `://`.
fn mask_after_scheme(url: &str, out: &mut String) {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let mut after_t = false;
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        match segment.rsplit_once('@') {
            Some((_, host)) if index == 0 => {
                out.push_str(MASK);
                out.push('@');
                out.push_str(host);
            }
            _ if after_t && !segment.is_empty() => out.push_str(MASK),
            _ => out.push_str(segment),
        }
        after_t = index > 0 && segment == "t";
    }
    let Some(query) = query else { return };
    for (index, pair) in query.split('&').enumerate() {
        out.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) if SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
            }
            _ => out.push_str(pair),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mask_text;

    #[test]
    fn secrets_are_replaced_and_the_rest_stays() {
        let masked = |text: &str| mask_text(text);
        assert_eq!(
            masked("https://conda.example/t/abc-1/main/noarch"),
            "https://conda.example/t/*****/main/noarch"
        );
        assert_eq!(masked("https://h.example/api/t/abc/x"), "https://h.example/api/t/*****/x");
        assert_eq!(masked("https://me:pass@h.example/x"), "https://*****@h.example/x");
        assert_eq!(masked("https://me:p@ss@h.example/x"), "https://*****@h.example/x");
        assert_eq!(masked("https://h.example/x?a=1&sig=zz"), "https://h.example/x?a=1&sig=*****");
        assert_eq!(masked("cannot open (http://a:b@c/d) twice"), "cannot open (http://*****@c/d) twice");
        assert_eq!(masked("a@b://plain text / with @ signs"), "a@b://plain text / with @ signs");
        assert_eq!(masked("file:///t/folder/x"), "file:///t/folder/x");
        assert_eq!(masked("no url"), "no url");
    }
}
