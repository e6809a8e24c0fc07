//! Colour, where it is welcome.

use std::fmt::Display;

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    coloured: bool,
}

impl Style {
    /// No colour.
    pub(crate) const PLAIN: Self = Self { coloured: false };

    /// Colour on a terminal, unless NO_COLOR or TERM=dumb object.
    pub(crate) fn new(coloured: bool) -> Self {
        Self { coloured }
    }

    /// For the word `error:`.
    pub(crate) fn error(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// For the word `warning:`.
    pub(crate) fn warning(self, text: &str) -> String {
        self.paint("1;33", text)
    }

    /// For what is good, new or helpful.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// For what is bad or gone.
    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// For headings and what matters most.
    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    /// For labels and side remarks.
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
