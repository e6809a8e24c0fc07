//! The environment that a program found.

/// What a program printed that shows its environment, one `NAME=value` a line.
///
/// A value may hold line ends. So [`holds`](Self::holds) is exact for the values that are asked about, while
/// [`value`](Self::value) gives a first line only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// With a line end before and behind.
    text: String,
}

impl Reading {
    /// Of a program's standard output.
    pub fn new(output: &str) -> Self {
        Self { text: format!("\n{}\n", output.trim_end_matches('\n')) }
    }

    /// Whether the variable has exactly this value.
    pub fn holds(&self, name: &str, value: &str) -> bool {
        self.text.contains(&format!("\n{name}={value}\n"))
    }

    /// The first line of a variable's value, or none where it is not set.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    }

    /// The folders of `PATH`.
    pub fn path(&self) -> Vec<&str> {
        self.value("PATH").unwrap_or_default().split(':').collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_whole() {
        let reading = Reading::new("PATH=/a:/b\nTWO=first\nsecond\nLAST=\n");
        assert_eq!(reading.path(), ["/a", "/b"]);
        assert!(reading.holds("TWO", "first\nsecond"));
        assert!(!reading.holds("TWO", "firs"));
        assert!(reading.holds("LAST", ""));
        assert_eq!((reading.value("LAST"), reading.value("TW")), (Some(""), None));
    }
}
