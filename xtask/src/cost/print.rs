//! The table of costs for people, and a line of JSON a row for programs.

use super::column::Column;
use super::program::SIZES;
use crate::numbers::{digits, spread, with_spread};

/// Prints what the columns of [`line()`] are.
pub fn head() {
    let [one, ten, hundred] = SIZES;
    println!(
        "programs of {one}, {ten} and {hundred} actors and as many edges; medians, the lowest and highest of the runs \
         beside them\n\n\
         {:<15} {:<3} {:>20} {:>20} {:>20}  {:<14} {:>7} {:>7} {:>7}  {:<7} growth per item",
        "cost", "", one, ten, hundred, "each adds, per", one, ten, hundred, "bound"
    );
}

/// Prints a row of the table.
pub fn line(column: &Column) {
    let medians = column.medians();
    let totals: Vec<_> = (0..SIZES.len())
        .map(|index| match &column.costs[index][..] {
            [only] => format!("{only}"),
            several => with_spread(medians[index], several.iter().copied()),
        })
        .collect();
    let per_item = column
        .per_item()
        .map(|cost| cost.map_or_else(|| "-".to_owned(), digits));
    println!(
        "{:<15} {:<3} {:>20} {:>20} {:>20}  {:<14} {:>7} {:>7} {:>7}  {:<7} {} {}",
        column.name,
        column.unit,
        totals[0],
        totals[1],
        totals[2],
        column.per,
        per_item[0],
        per_item[1],
        per_item[2],
        format!("<= {}", column.most),
        digits(column.growth()),
        verdict(column)
    );
}

/// Prints where the figures come from.
pub fn foot(none: &[f64]) {
    println!(
        "\n\
         check: `cargo check` after one line of the first actor has been edited; with no other actor and no graph\n\
         \x20 it takes {} ms. What each adds is the quickest check less the quickest of 1.\n\
         lines: as `cargo expand` and rustfmt write them, less those typed and those of a program of none.\n\
         code: `.text` of the release build. What each adds is the size less that of 1: the run time is in both.\n\
         \x20 `code of a type` has a type for every actor, `code of an edge` one type for all of them.",
        with_spread(crate::numbers::median(none), none.iter().copied())
    );
}

/// Prints a row as a line of JSON. `null` stands for what there is not.
pub fn json(column: &Column) {
    println!("{}", object(column));
}

fn object(column: &Column) -> String {
    let list = |values: &mut dyn Iterator<Item = String>| {
        format!("[{}]", values.collect::<Vec<_>>().join(", "))
    };
    let number = |value: f64| {
        if value.is_finite() {
            value.to_string()
        } else {
            "null".to_owned()
        }
    };
    let ends = || {
        column
            .costs
            .iter()
            .map(|costs| spread(costs.iter().copied()))
    };
    format!(
        "{{\"name\": \"{}\", \"unit\": \"{}\", \"per\": \"{}\", \"items\": {}, \"median\": {}, \"min\": {}, \
         \"max\": {}, \"per_item\": {}, \"growth\": {}, \"bound\": {}, \"linear\": {}, \"runs\": {}}}",
        column.name,
        column.unit,
        column.per,
        list(&mut SIZES.iter().map(ToString::to_string)),
        list(&mut column.medians().into_iter().map(number)),
        list(&mut ends().map(|(low, _)| number(low))),
        list(&mut ends().map(|(_, high)| number(high))),
        list(
            &mut column
                .per_item()
                .into_iter()
                .map(|cost| number(cost.unwrap_or(f64::NAN)))
        ),
        number(column.growth()),
        column.most,
        column.is_linear(),
        column.costs[0].len()
    )
}

/// What the growth means.
pub fn verdict(column: &Column) -> &'static str {
    if column.is_linear() {
        "linear"
    } else {
        "NOT LINEAR"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_all_sizes_and_the_verdict() {
        let mut column = Column {
            name: "check",
            unit: "ms",
            per: "actor",
            base: (1, vec![7.0]),
            costs: [vec![7.0, 9.0, 8.0], vec![25.0; 3], vec![205.0; 3]],
            most: 2.0,
        };
        let line = object(&column);
        assert!(line.contains("\"items\": [1, 10, 100], \"median\": [8, 25, 205],"));
        assert!(line.contains("\"min\": [7, 25, 205], \"max\": [9, 25, 205],"));
        assert!(line.contains("\"per_item\": [null, 2, 2], \"growth\": 1,"));
        assert!(line.ends_with("\"linear\": true, \"runs\": 3}"), "{line}");
        column.most = 0.5;
        assert_eq!(verdict(&column), "NOT LINEAR");
    }
}
