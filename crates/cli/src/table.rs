//! Tables for people: no borders, and no wider than the terminal where there is one.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use restante_view::text;

/// A column: its head, and on which side its text stands.
pub(crate) struct Column {
    head: String,
    right: bool,
}

impl Column {
    /// A column of text.
    pub(crate) fn text(head: impl Into<String>) -> Self {
        Self { head: head.into(), right: false }
    }

    /// A column of numbers.
    pub(crate) fn numbers(head: impl Into<String>) -> Self {
        Self { head: head.into(), right: true }
    }
}

/// A table; what is in a cell is text from peers, and made one line.
pub(crate) fn render(columns: &[Column], lines: &[Vec<String>]) -> String {
    build(columns, lines).trim_fmt()
}

fn build(columns: &[Column], lines: &[Vec<String>]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|column| text::line(&column.head)));
    for cells in lines {
        table.add_row(cells.iter().map(|cell| text::line(cell)));
    }
    for (at, of) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, 2));
            if of.right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_one_line_an_entry() {
        let columns = [Column::numbers("number"), Column::text("subject")];
        let lines = [("1", "Weather"), ("12", "\x1b[31mred\n")]
            .map(|(number, subject)| vec![number.to_owned(), subject.to_owned()]);
        let mut table = build(&columns, &lines);
        table.force_no_tty();
        expect_test::expect![[r#"
            number  subject
                 1  Weather
                12  \u{1b}[31mred\n"#]]
        .assert_eq(&table.trim_fmt());
    }
}
