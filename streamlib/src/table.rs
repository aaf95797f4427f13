//! Rows of words and numbers as a table, and times in three digits: how what is counted is printed.

use std::fmt;
use std::time::Duration;

/// Writes rows under each other, the first `words` columns to the left and the others, numbers, to the right.
pub(crate) fn write<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    rows: &[[String; N]],
    words: usize,
) -> fmt::Result {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            writeln!(f)?;
        }
        for (column, (width, cell)) in widths.iter().zip(row).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            if column < words {
                write!(f, "{gap}{cell:<width$}")?;
            } else {
                write!(f, "{gap}{cell:>width$}")?;
            }
        }
    }
    Ok(())
}

/// A time in three digits or so.
pub(crate) fn short(time: Duration) -> String {
    let nanos = time.as_nanos() as f64;
    match nanos {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.1} µs", n / 1e3),
        n if n < 1e9 => format!("{:.1} ms", n / 1e6),
        n => format!("{:.1} s", n / 1e9),
    }
}
