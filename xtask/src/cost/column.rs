//! One thing that is measured in programs of every size, and whether it grows with the program only.

use super::program::SIZES;
use crate::numbers::{median, spread};

/// One cost, of programs of all sizes.
pub struct Column {
    /// What is measured, in a few words.
    pub name: &'static str,
    pub unit: &'static str,
    /// What it is divided by.
    pub per: &'static str,
    /// The cost of the program that the others are compared with, and how many items that has.
    pub base: (usize, Vec<f64>),
    /// The cost for each of [`SIZES`], as often as it was measured.
    pub costs: [Vec<f64>; SIZES.len()],
    /// How much more an item may cost among 100 than among 10.
    pub most: f64,
}

impl Column {
    /// What each item adds to the base, for each of the sizes; none where that is the base.
    ///
    /// Of several measurements the quickest says it: what else the machine does only adds to it.
    pub fn per_item(&self) -> [Option<f64>; SIZES.len()] {
        let (items, base) = &self.base;
        let lowest = |values: &[f64]| spread(values.iter().copied()).0;
        std::array::from_fn(|index| {
            let more = SIZES[index] - items;
            (more > 0).then(|| (lowest(&self.costs[index]) - lowest(base)) / more as f64)
        })
    }

    /// The middle of what was measured for each of the sizes.
    pub fn medians(&self) -> [f64; SIZES.len()] {
        std::array::from_fn(|index| median(&self.costs[index]))
    }

    /// How much more an item costs among 100 than among 10.
    pub fn growth(&self) -> f64 {
        match self.per_item() {
            [.., Some(ten), Some(hundred)] => hundred / ten,
            _ => f64::NAN,
        }
    }

    /// Whether it grows no faster than the program.
    pub fn is_linear(&self) -> bool {
        // Where ten items cost nothing that can be measured, there is nothing to compare with.
        self.growth() > 0.0 && self.growth() <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(base: (usize, f64), costs: [f64; 3]) -> Column {
        Column {
            name: "time",
            unit: "ms",
            per: "actor",
            base: (base.0, vec![base.1]),
            costs: costs.map(|cost| vec![cost, cost + 1.0, cost + 9.0]),
            most: 2.0,
        }
    }

    #[test]
    fn what_is_proportional_is_linear() {
        let column = column((0, 5.0), [7.0, 25.0, 205.0]);
        assert_eq!(column.per_item(), [Some(2.0); 3]);
        assert_eq!(column.growth(), 1.0);
        assert_eq!(column.medians(), [8.0, 26.0, 206.0]);
        assert!(column.is_linear());
    }

    #[test]
    fn a_base_that_has_items_itself_takes_them_off() {
        let column = column((1, 7.0), [7.0, 25.0, 205.0]);
        assert_eq!(column.per_item(), [None, Some(2.0), Some(2.0)]);
        assert!(column.is_linear());
    }

    #[test]
    fn what_grows_with_the_square_is_not() {
        let column = column((0, 5.0), [6.0, 105.0, 10_005.0]);
        assert_eq!(column.growth(), 10.0);
        assert!(!column.is_linear());
    }

    #[test]
    fn what_cannot_be_told_is_not_either() {
        assert!(!column((0, 5.0), [5.0, 5.0, 5.0]).is_linear());
        assert!(!column((0, 5.0), [5.0, 4.0, 9.0]).is_linear());
    }
}
