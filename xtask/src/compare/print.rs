//! The table of ratios for people, and a line of JSON a row for programs.

use super::Measured;
use super::row::{Goal, comparisons};
use crate::numbers::{median, spread, with_spread};

/// Prints the names of the rows, and their peers.
pub fn list() {
    for comparison in comparisons() {
        for row in comparison.rows {
            println!("{:<39} {}", row.name, row.peer);
        }
    }
}

/// Prints what the columns of [`line()`] are.
pub fn head() {
    println!(
        "medians; the lowest and highest of the runs beside them\n\n\
         {:<38} {:<21} {:>4}  {:<27}  {:<27}  {:<22}  goal",
        "name", "peer", "unit", "ours", "theirs", "ours / theirs"
    );
}

/// Prints a row of the table.
pub fn line(measured: &Measured) {
    let Measured {
        row, ours, theirs, ..
    } = measured;
    let goal = match row.goal {
        Goal::Ratio(most) => format!("<= {most}"),
        Goal::Ours(most) => format!("ours <= {most}"),
        Goal::Free => String::new(),
    };
    println!(
        "{:<38} {:<21} {:>4}  {:<27}  {:<27}  {:<22}  {goal}{}{}",
        row.name,
        row.peer,
        row.unit,
        with_spread(median(ours), ours.iter().copied()),
        with_spread(median(theirs), theirs.iter().copied()),
        with_spread(measured.ratio(), measured.ratios()),
        if measured.has_met() { "" } else { "  MISSED" },
        measured
            .share_of_copying()
            .map_or_else(String::new, |share| format!(
                "  {:.0} % of memory-copy bandwidth",
                share * 100.0
            )),
    );
}

/// Prints a row as a line of JSON. `min` and `max` are of the ratio, over the pairs of runs.
pub fn json(measured: &Measured) {
    println!("{}", object(measured));
}

fn object(measured: &Measured) -> String {
    let Measured {
        row, ours, theirs, ..
    } = measured;
    let share = measured
        .share_of_copying()
        .map_or_else(|| "null".to_owned(), |share| share.to_string());
    let (min, max) = spread(measured.ratios());
    let (ours_min, ours_max) = spread(ours.iter().copied());
    let (theirs_min, theirs_max) = spread(theirs.iter().copied());
    let (goal, goal_is_for) = match row.goal {
        Goal::Ratio(most) => (most.to_string(), "\"ratio\""),
        Goal::Ours(most) => (most.to_string(), "\"ours\""),
        Goal::Free => ("null".to_owned(), "null"),
    };
    format!(
        "{{\"name\": \"{}\", \"peer\": \"{}\", \"unit\": \"{}\", \"ours\": {}, \"theirs\": {}, \
         \"ratio\": {}, \"goal\": {goal}, \"goal_is_for\": {goal_is_for}, \
         \"min\": {min}, \"max\": {max}, \"ours_min\": {ours_min}, \"ours_max\": {ours_max}, \
         \"theirs_min\": {theirs_min}, \"theirs_max\": {theirs_max}, \
         \"share_of_copying\": {share}, \"runs\": {}}}",
        row.name,
        row.peer,
        row.unit,
        median(ours),
        median(theirs),
        measured.ratio(),
        ours.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::row::Row;
    use super::*;

    #[test]
    fn a_row_holds_medians_their_ratio_and_the_spread() {
        let measured = Measured {
            row: &comparisons().next().expect("there are some").rows[0],
            ours: vec![1.0, 3.0, 2.0],
            theirs: vec![4.0, 4.0, 8.0],
            copies: Vec::new(),
        };
        let line = object(&measured);
        assert!(
            line.contains("\"ours\": 2, \"theirs\": 4, \"ratio\": 0.5, \"goal\": 1,"),
            "{line}"
        );
        assert!(line.contains("\"min\": 0.25, \"max\": 0.75,"), "{line}");
    }

    #[test]
    fn a_goal_is_missed_where_the_figure_that_it_is_for_is_greater() {
        let meets = |goal, ours: f64| {
            let row = Row {
                name: "",
                peer: "",
                unit: "",
                ours: "",
                theirs: "",
                goal,
            };
            let measured = Measured {
                row: &row,
                ours: vec![ours],
                theirs: vec![2.0],
                copies: Vec::new(),
            };
            measured.has_met()
        };
        assert!(meets(Goal::Ratio(1.5), 3.0) && !meets(Goal::Ratio(1.5), 3.1));
        assert!(meets(Goal::Ours(3.0), 3.0) && !meets(Goal::Ours(3.0), 3.1));
        assert!(meets(Goal::Free, f64::MAX));
    }

    #[test]
    fn what_copying_takes_stands_beside_every_row_of_pictures() {
        let share = |name: &str, ours: f64, copy: Option<f64>| {
            let mut rows = comparisons().flat_map(|comparison| comparison.rows);
            let measured = Measured {
                row: rows.find(|row| row.name == name).expect("there is one"),
                ours: vec![ours],
                theirs: vec![1.0],
                copies: copy.into_iter().collect(),
            };
            measured.share_of_copying()
        };
        assert_eq!(share("bars-first", 400.0, Some(100.0)), Some(0.25));
        assert_eq!(share("bars-later", 0.1, Some(0.0)), Some(0.0));
        assert_eq!(share("lower-third-fps", 2_500.0, Some(100.0)), Some(0.25));
        assert_eq!(share("chain-idle-p99", 8_000.0, Some(2_000.0)), Some(0.25));
        assert_eq!(share("chain-idle-shown", 100.0, Some(2_000.0)), None);
        assert_eq!(share("hop-inline", 1.0, None), None);
    }
}
