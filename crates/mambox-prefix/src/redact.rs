//! Credentials out of URLs: what is written to `conda-meta` travels with images.

/// A text in which URLs have neither a user's part nor a `/t/TOKEN`.
pub(crate) fn redact(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let end =
            after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')).unwrap_or(after.len());
        clean.push_str(&url(&after[..end]));
        rest = &after[end..];
    }
    clean.push_str(rest);
    clean
}

/// What follows `://`.
fn url(text: &str) -> String {
    let (host, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = match path.split_once("/t/") {
        Some((before, token)) => {
            format!("{before}{}", token.find('/').map_or("", |end| &token[end..]))
        }
        None => path.to_owned(),
    };
    format!("{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn urls_lose_their_credentials_and_nothing_else() {
        let text = "mm install -c https://me:secret@host.example/t/tk-1/forge/noarch::x a@b conda-forge::y";
        insta::assert_snapshot!(
            redact(text),
            @"mm install -c https://host.example/forge/noarch::x a@b conda-forge::y"
        );
    }
}
