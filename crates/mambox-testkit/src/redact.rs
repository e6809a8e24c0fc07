//! Replacing what differs between runs and machines by placeholders.

use regex::Regex;

/// Replacements, made in this order: fixed texts (the longest first), then patterns.
#[derive(Debug)]
pub(crate) struct Redactions {
    texts: Vec<(String, String)>,
    patterns: Vec<(Regex, String)>,
}

impl Default for Redactions {
    /// Times, ports of the loopback address, and the folders of local channels.
    fn default() -> Self {
        let mut redactions = Self { texts: Vec::new(), patterns: Vec::new() };
        let temp = std::env::temp_dir().canonicalize().unwrap_or_else(|_| std::env::temp_dir());
        redactions.pattern(
            &format!("{}/channel-[A-Za-z0-9]+/channel", regex::escape(&temp.to_string_lossy())),
            "[CHANNEL]",
        );
        redactions.pattern(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]");
        redactions.pattern(r"\b\d+(\.\d+)?\s?(ns|µs|ms|s|min)\b", "[TIME]");
        redactions
    }
}

impl Redactions {
    pub(crate) fn text(&mut self, text: &str, placeholder: &str) {
        self.texts.push((text.to_owned(), placeholder.to_owned()));
    }

    pub(crate) fn pattern(&mut self, pattern: &str, replacement: &str) {
        let regex = Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"));
        self.patterns.push((regex, replacement.to_owned()));
    }

    pub(crate) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // A folder goes before the folder that holds it.
        let mut texts: Vec<_> = self.texts.iter().collect();
        texts.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        for (from, to) in texts {
            text = text.replace(from, to);
        }
        for (pattern, to) in &self.patterns {
            text = pattern.replace_all(&text, to).into_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_ports_and_texts_become_placeholders() {
        let mut redactions = Redactions::default();
        redactions.text("/tmp/x", "[X]");
        let text = redactions.apply("/tmp/x/a in 1.25 s, 3ms; http://127.0.0.1:4711/ has 64 steps");
        assert_eq!(text, "[X]/a in [TIME], [TIME]; http://127.0.0.1:[PORT]/ has 64 steps");
    }
}
