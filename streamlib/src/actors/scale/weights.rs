//! Which samples of the source make a sample of the result, and how much of each.

use std::ops::Range;

/// The weights of a sample sum up to this: a fixed point of 14 bits.
pub(super) const ONE: i32 = 1 << BITS;
pub(super) const BITS: u32 = 14;

/// How a picture is made larger or smaller.
///
/// Where it becomes smaller, a filter is as much wider as it becomes smaller, so that every pixel of the source counts
/// and nothing flickers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Filter {
    /// The mean of what lies under a pixel, of which parts of pixels count in part: the quickest to make a picture
    /// smaller, most of all to half of its size, where it is the mean of two by two. It keeps edges as they are in a
    /// picture that becomes larger.
    Box,
    /// A triangle over two pixels: soft.
    Bilinear,
    /// The cubic of Catmull and Rom over four pixels: sharp, with little ringing.
    #[default]
    Bicubic,
    /// A sinc in the window of another, over six pixels: the sharpest, with ringing at hard edges.
    Lanczos,
}

impl Filter {
    /// How far the filter reaches to either side, in pixels of the source, of which one of the result has `ratio`.
    fn reach(self, ratio: f64) -> f64 {
        let stretch = ratio.max(1.0);
        match self {
            // Where pixels touch, nothing of them does.
            Self::Box => (ratio + 1.0) / 2.0 - 1e-9,
            Self::Bilinear => stretch,
            Self::Bicubic => 2.0 * stretch,
            Self::Lanczos => 3.0 * stretch,
        }
    }

    /// How much a pixel of the source counts at `distance`, in pixels of the source.
    fn at(self, distance: f64, ratio: f64) -> f64 {
        let x = distance.abs() / ratio.max(1.0);
        match self {
            _ if distance.abs() >= self.reach(ratio) => 0.0,
            Self::Box => ((ratio + 1.0) / 2.0 - distance.abs()).min(ratio).min(1.0),
            Self::Bilinear => 1.0 - x,
            Self::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Self::Bicubic => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Self::Lanczos => sinc(x) * sinc(x / 3.0),
        }
    }
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

/// The weights for a whole row, or column, of samples.
#[derive(Debug, Default)]
pub(super) struct Weights {
    /// How many samples are summed up for each; those that do not count have a weight of 0.
    pub taps: usize,
    starts: Vec<usize>,
    values: Vec<i16>,
    halving: Halving,
    /// Those of one sample, before they are rounded.
    exact: Vec<f64>,
}

/// The samples in the middle of a row of half the width: all have the same weights, and each begins two samples behind
/// the one before.
#[derive(Debug, Default)]
pub(super) struct Halving {
    pub columns: Range<usize>,
    /// Where the first sample begins.
    pub start: usize,
    /// The weights, two and two; without those at the end that are 0.
    pub pairs: Vec<[i16; 2]>,
}

impl Halving {
    /// The groups of [`EIGHT`] that lie in it.
    pub fn groups(&self) -> Range<usize> {
        self.columns.start.div_ceil(EIGHT)..self.columns.end / EIGHT
    }

    /// Where sample `column`, one of them, begins.
    pub fn start_of(&self, column: usize) -> usize {
        self.start + 2 * (column - self.columns.start)
    }
}

/// How many samples of a row are made at a time.
pub(super) const EIGHT: usize = 8;

/// With more weights than these, what rounding takes from them adds up to what can be seen; with those of a box, which
/// are alike, it does with fewer.
const SPREAD: usize = 64;

impl Weights {
    /// Makes these the weights for `to` samples out of `from`, with a number of taps that is a multiple of `group`.
    /// Allocates when there are more than there ever were; the first time, for as many samples as there are in the source.
    pub fn remake(&mut self, filter: Filter, from: usize, to: usize, group: usize) {
        let ratio = from as f64 / to as f64;
        let reach = if from == to { 0.5 } else { filter.reach(ratio) };
        let most = ((2.0 * reach).ceil() as usize + 1).min(from);
        self.taps = most.next_multiple_of(group);
        self.starts.clear();
        self.values.clear();
        self.starts.reserve(to.max(from));
        self.values.reserve(to * self.taps);
        let mut exact = std::mem::take(&mut self.exact);
        exact.reserve(most);
        for index in 0..to {
            let centre = (index as f64 + 0.5) * ratio - 0.5;
            let first = (((centre - reach).floor() + 1.0).max(0.0) as usize).min(from - 1);
            exact.clear();
            if from == to {
                self.push(index, &[1.0], false);
                continue;
            }
            let last = (((centre + reach).ceil() - 1.0).max(0.0) as usize).clamp(first, from - 1);
            exact.extend((first..=last).map(|at| filter.at(at as f64 - centre, ratio)));
            let is_spread = exact.len() > SPREAD || filter == Filter::Box;
            self.push(first, &exact, is_spread);
        }
        self.exact = exact;
        let mut pairs = std::mem::take(&mut self.halving.pairs);
        pairs.clear();
        pairs.reserve(EIGHT); // as many as any filter has for halving
        self.halving = self.find_halving(pairs);
    }

    /// With `pairs`, which is empty, as memory for its weights.
    fn find_halving(&self, mut pairs: Vec<[i16; 2]>) -> Halving {
        let middle = self.count() / 2;
        let (start, weights) = self.of(middle);
        // Whether one begins where it would if all from the middle to it were alike.
        let fits = |column: usize| {
            let (other, values) = self.of(column);
            other + 2 * middle == start + 2 * column && values == weights
        };
        let first = (0..middle).rev().find(|&column| !fits(column));
        let first = first.map_or(0, |column| column + 1);
        let end = (middle..self.count()).find(|&column| !fits(column));
        pairs.extend(weights.as_chunks::<2>().0);
        while pairs.pop_if(|pair| *pair == [0, 0]).is_some() {}
        Halving {
            columns: first..end.unwrap_or(self.count()),
            start: self.starts[first],
            pairs,
        }
    }

    /// The middle of a row of half the width; empty for any other.
    pub fn halving(&self) -> &Halving {
        &self.halving
    }

    /// Of group `group` of eight samples: where each begins, and the weights of all.
    pub fn eight(&self, group: usize) -> Option<(&[usize; EIGHT], &[i16])> {
        let starts = self.starts.as_chunks().0.get(group)?;
        let count = EIGHT * self.taps;
        Some((starts, &self.values[group * count..][..count]))
    }

    /// The weights of one sample, brought to a sum of [`ONE`]. Where they are spread, each hands what rounding takes from
    /// it on to the next, so that no one gets it all.
    fn push(&mut self, first: usize, exact: &[f64], is_spread: bool) {
        let sum: f64 = exact.iter().sum();
        let begin = self.values.len();
        let (mut exactly, mut given) = (0.0, 0);
        self.values.extend(exact.iter().map(|weight| {
            let share = weight / sum * f64::from(ONE);
            if !is_spread {
                return share.round() as i16;
            }
            exactly += share;
            let weight = exactly.round() as i32 - given;
            given += weight;
            weight as i16
        }));
        let missing = ONE
            - self.values[begin..]
                .iter()
                .map(|&w| i32::from(w))
                .sum::<i32>();
        // What rounding has taken away or added is least seen at the largest.
        if let Some(largest) = self.values[begin..].iter_mut().max() {
            *largest += missing as i16;
        }
        self.values.resize(begin + self.taps, 0);
        self.starts.push(first);
    }

    /// The first sample that counts for sample `index`, and the weights from there on.
    pub fn of(&self, index: usize) -> (usize, &[i16]) {
        (
            self.starts[index],
            &self.values[index * self.taps..][..self.taps],
        )
    }

    /// How many samples they make.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// How many samples a row must have for all the taps to lie in it.
    pub fn extent(&self) -> usize {
        self.starts
            .iter()
            .max()
            .map_or(0, |start| start + self.taps)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::counting;
    use super::*;

    fn remade(filter: Filter, from: usize, to: usize, group: usize) -> Weights {
        let mut weights = Weights::default();
        weights.remake(filter, from, to, group);
        weights
    }

    const ALL: [Filter; 4] = [
        Filter::Box,
        Filter::Bilinear,
        Filter::Bicubic,
        Filter::Lanczos,
    ];

    #[test]
    fn all_weights_sum_up_to_one() {
        for filter in ALL {
            for (from, to) in [
                (1, 1),
                (1, 9),
                (9, 1),
                (7, 13),
                (3840, 1920),
                (1920, 17),
                (5, 5),
                (16_384, 1),
            ] {
                let weights = remade(filter, from, to, 8);
                assert_eq!(weights.taps % 8, 0);
                for index in 0..to {
                    let (start, values) = weights.of(index);
                    assert_eq!(
                        values.iter().map(|&w| i32::from(w)).sum::<i32>(),
                        ONE,
                        "{filter:?} {from} {to}"
                    );
                    assert!(start < from);
                    let beyond = values.iter().skip(from - start);
                    assert!(
                        beyond.copied().all(|weight| weight == 0),
                        "{filter:?} {from} {to}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_weight_of_many_makes_up_for_the_rounding_of_all() {
        for filter in ALL {
            for (from, to) in [(16_384, 3), (16_384, 16), (7680, 4)] {
                let weights = remade(filter, from, to, 8);
                let (_, values) = weights.of(1);
                let jump = values[..counting(values)]
                    .windows(2)
                    .map(|pair| pair[0].abs_diff(pair[1]))
                    .max();
                assert!(jump <= Some(2), "{filter:?} {from} {to}: {jump:?}");
            }
        }
    }

    #[test]
    fn halves_are_found_and_nothing_else() {
        for filter in ALL {
            let weights = remade(filter, 320, 160, 8);
            let halving = weights.halving();
            let has_edges = filter != Filter::Box;
            let groups = if has_edges { 1..19 } else { 0..20 };
            assert_eq!(halving.groups(), groups, "{filter:?}");
            assert_eq!(halving.start_of(8), weights.of(8).0);
            for (from, to) in [
                (320, 161),
                (160, 320),
                (320, 107),
                (320, 320),
                (8, 4),
                (1, 1),
            ] {
                assert!(
                    remade(filter, from, to, 8).halving().groups().is_empty(),
                    "{from} {to}"
                );
            }
        }
    }

    #[test]
    fn parts_of_pixels_count_in_part_in_a_box() {
        let half = remade(Filter::Box, 8, 4, 2);
        assert_eq!(half.halving().columns, 0..4);
        assert_eq!(half.of(3), (6, &[8192, 8192, 0, 0][..]));
        // Of three pixels two are made: all of one and half of another.
        let most = remade(Filter::Box, 3, 2, 1);
        assert_eq!(most.of(0), (0, &[10923, 5461, 0][..most.taps]));
        assert_eq!(most.of(1), (1, &[5461, 10923, 0][..most.taps]));
        let whole = remade(Filter::Box, 9, 3, 1);
        assert_eq!(whole.of(1).0, 3);
    }

    #[test]
    fn halving_bilinearly_is_a_triangle_of_four_in_all_columns_but_two() {
        let weights = remade(Filter::Bilinear, 8, 4, 2);
        assert_eq!(weights.halving().columns, 1..3);
        assert_eq!(weights.of(1), (1, &[2048, 6144, 6144, 2048, 0, 0][..]));
    }
}
