//! Plain tables with a rule below the headings.

/// Rows of cells, aligned to the left.
#[derive(Debug)]
pub(crate) struct TextTable {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table without rows.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self { headings: headings.iter().map(|heading| (*heading).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row, which has a cell for each heading.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The whole table, with two blanks before each column.
    pub(crate) fn render(&self) -> String {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| heading.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("  {cell:width$}"));
            format!("{}\n", padded.collect::<String>().trim_end())
        };
        let rule = "─".repeat(widths.iter().map(|width| width + 2).sum::<usize>() + 2);
        let mut text = line(&self.headings);
        text.push_str(&rule);
        text.push('\n');
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = TextTable::new(&["Name", "Path"]);
        table.row(vec!["base".into(), "/opt/conda".into()]);
        table.row(vec!["longer-name".into(), "/x".into()]);
        insta::assert_snapshot!(table.render(), @"
          Name         Path
        ───────────────────────────
          base         /opt/conda
          longer-name  /x
        ");
    }
}
