//! Takes credentials out of texts that people will see.

/// What stands for a secret in messages, as in micromamba.
pub const MASK: &str = "*****";

/// Masks the password (and user) of `scheme://user:password@host` and the token of `/t/TOKEN/`.
pub fn redact(text: &str) -> String {
    let mut masked = text.to_owned();
    if let Some(start) = masked.find("://").map(|at| at + 3) {
        let end = masked[start..].find(['/', '?', '#']).map_or(masked.len(), |length| start + length);
        if let Some(at) = masked[start..end].rfind('@') {
            masked.replace_range(start..start + at, MASK);
        }
    }
    if let Some(start) = masked.find("/t/").map(|at| at + 3) {
        let end = masked[start..].find('/').map_or(masked.len(), |length| start + length);
        masked.replace_range(start..end, MASK);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_urls_are_masked() {
        assert_eq!(redact("https://me:pw@host/x"), "https://*****@host/x");
        assert_eq!(redact("https://host/t/tk-1/chan"), "https://host/t/*****/chan");
        assert_eq!(redact("https://u:p@h/t/tk"), "https://*****@h/t/*****");
        assert_eq!(redact("https://host/a@b"), "https://host/a@b");
        assert_eq!(redact("conda-forge"), "conda-forge");
    }
}
