//! Text in columns.

use std::fmt::Write as _;

/// Rows with their columns padded to one width each, except the last; no trailing blanks.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    indent: usize,
}

impl Table {
    /// An empty table, this many blanks from the left.
    pub(crate) fn indented(indent: usize) -> Self {
        Self { indent, ..Self::default() }
    }

    /// Aligns these columns to the right.
    pub(crate) fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, columns: [String; N]) {
        self.rows.push(columns.into());
    }

    /// Adds a row of label and value, unless there is no value.
    pub(crate) fn optional(&mut self, label: &str, value: Option<String>) {
        if let Some(value) = value {
            self.row([label.to_owned(), value]);
        }
    }

    /// The text, each row ended by a newline.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |index: usize| {
            self.rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|index| width(index).unwrap_or_default()).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (index, cell) in row.iter().enumerate() {
                let width = widths[index];
                let gap = if index + 1 < row.len() { "  " } else { "" };
                // Writing to a string does not fail.
                let _ = match self.right.contains(&index) {
                    true => write!(line, "{cell:>width$}{gap}"),
                    false => write!(line, "{cell:<width$}{gap}"),
                };
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
