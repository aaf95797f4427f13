//! Rows of a picture as a row of the window in another size: every pixel the weighted mean of those that it shows.

use std::array;
use std::ops::Range;

use super::fit::Stretch;
use super::weigh::{Weights, weigh_columns, weigh_rows};

/// How far a pixel of the window reaches at most. In one that is more than so many times smaller than the picture, some of
/// the picture's pixels are not looked at.
const FARTHEST: f64 = 8.0;
/// The most pixels of the picture, one way, that one of the window is made of.
const TAPS: usize = 16;

/// What the weights add up to.
const WHOLE: f64 = (1 << super::weigh::BITS) as f64;

/// Makes rows of the window of a picture that is stretched both ways: first along the columns, each row of the
/// picture once, and then along the rows.
#[derive(Default)]
pub(super) struct Resampler {
    /// What the weights of columns were made for.
    made_for: Option<Stretch>,
    /// For each shown column of the window, the first column of the picture that counts, and the weights from there on.
    columns: Weights,
    /// The columns of the picture that are shown.
    shown: Range<usize>,
    row: Vec<u32>,
    /// Rows of the picture that are as wide as the window already; row y is number y % [`TAPS`].
    lines: [Vec<u64>; TAPS],
    /// Which rows they are.
    known: [Option<usize>; TAPS],
}

impl Resampler {
    /// Begins a picture whose columns are stretched so. Allocates when it or the window is wider than any before.
    pub(super) fn begin(&mut self, columns: Stretch) {
        self.known = [None; TAPS];
        if self.made_for == Some(columns) {
            return;
        }
        self.made_for = Some(columns);
        self.columns.clear(columns.taps());
        for at in columns.seen() {
            let (first, weights) = columns.weigh(at);
            self.columns.push(first, weights);
        }
        self.shown =
            self.columns.shown().start..self.columns.shown().end.min(columns.source as usize);
        self.columns.begin_at(self.shown.start);
        // Weights come in pairs: one pixel more, which counts for nothing.
        self.row.resize(self.shown.len() + 1, 0);
        let width = columns.seen().len();
        self.lines.iter_mut().for_each(|line| line.resize(width, 0));
    }

    /// Paints row `y` of the window; `load` gives the shown columns of a row of the picture as `0x00RRGGBB`.
    pub(super) fn paint(
        &mut self,
        rows: Stretch,
        y: usize,
        target: &mut [u32],
        mut load: impl FnMut(usize, Range<usize>, &mut [u32]),
    ) {
        let (first, weights) = rows.weigh(y);
        let weights = &weights[..rows.taps()];
        for row in first..first + weights.len() {
            if self.known[row % TAPS] != Some(row) {
                load(row, self.shown.clone(), &mut self.row[..self.shown.len()]);
                weigh_columns(&mut self.lines[row % TAPS], &self.row, &self.columns);
                self.known[row % TAPS] = Some(row);
            }
        }
        // Weights come in pairs here too; one that is 0 may stand for any row.
        let lines = array::from_fn(|tap| &self.lines[(first + tap) % TAPS][..]);
        let pairs = weights.len().div_ceil(2);
        let mut paired = [[0; 2]; TAPS / 2];
        for (to, from) in paired.as_flattened_mut().iter_mut().zip(weights) {
            *to = *from;
        }
        weigh_rows::<TAPS>(target, lines, &paired[..pairs]);
    }
}

impl Stretch {
    /// How far a pixel of the window reaches into the picture from its middle, in the picture's pixels: to its
    /// neighbours, or where it shows more than one pixel, as far as those go.
    fn reach(self) -> f64 {
        (self.source as f64 / self.length as f64).clamp(1.0, FARTHEST)
    }

    /// The most pixels of the picture that one of the window is made of.
    fn taps(self) -> usize {
        ((2.0 * self.reach()).ceil() as usize).min(self.source as usize)
    }

    /// The first of the pixels that the window's pixel `at` is made of, and the weights of all of them, which add up to
    /// [`WHOLE`].
    fn weigh(self, at: usize) -> (usize, [i16; TAPS]) {
        let (reach, taps) = (self.reach(), self.taps());
        let share = self.source as f64 / self.length as f64;
        let middle = (at as f64 - self.start as f64 + 0.5) * share - 0.5;
        let first = ((middle - reach).floor() + 1.0).max(0.0) as usize;
        let first = first.min(self.source as usize - taps);
        let weight = |tap: usize| (1.0 - ((first + tap) as f64 - middle).abs() / reach).max(0.0);
        let scale = WHOLE / (0..taps).map(weight).sum::<f64>();
        // Rounded where they are added up, so that none of the whole is lost.
        let (mut sum, mut given) = (0.0, 0.0);
        let mut weights = [0; TAPS];
        for (tap, to) in weights[..taps].iter_mut().enumerate() {
            sum += weight(tap) * scale;
            let rounded = (sum - given).round();
            given += rounded;
            *to = rounded as i16;
        }
        (first, weights)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a row of the window should show, in double precision.
    fn exact(source: &[u8], length: usize, at: usize) -> f64 {
        let share = source.len() as f64 / length as f64;
        let (middle, reach) = ((at as f64 + 0.5) * share - 0.5, share.clamp(1.0, FARTHEST));
        let weight = |x: usize| (1.0 - (x as f64 - middle).abs() / reach).max(0.0);
        let whole: f64 = (0..source.len()).map(weight).sum();
        let sum = |(x, &level): (usize, &u8)| weight(x) * f64::from(level);
        source.iter().enumerate().map(sum).sum::<f64>() / whole
    }

    fn stretch(source: usize, length: usize) -> Stretch {
        Stretch {
            start: 0,
            length: length as u64,
            source: source as u64,
            window: length as u64,
        }
    }

    /// A picture whose columns are these, all rows alike, or the other way round.
    fn painted(levels: &[u8], length: usize, across: bool) -> Vec<u8> {
        let mut resampler = Resampler::default();
        let (columns, rows) = match across {
            true => (stretch(levels.len(), length), stretch(3, 3)),
            false => (stretch(3, 3), stretch(levels.len(), length)),
        };
        resampler.begin(columns);
        let mut out = Vec::new();
        for y in rows.seen() {
            let mut line = vec![7; columns.seen().len()];
            resampler.paint(rows, y, &mut line, |row, shown, target| {
                for (x, pixel) in shown.zip(target) {
                    let level = levels[if across { x } else { row }];
                    *pixel = u32::from(level) * 0x01_0101;
                }
            });
            if across {
                out = line;
            } else {
                out.push(line[1]);
            }
        }
        assert!(out.iter().all(|pixel| *pixel == (pixel & 0xFF) * 0x01_0101));
        out.iter().map(|pixel| *pixel as u8).collect()
    }

    proptest! {
        #[test]
        fn pixels_are_the_mean_of_what_they_show(
            levels in prop::collection::vec(any::<u8>(), 1..40), length in 1_usize..90, across: bool,
        ) {
            let made = painted(&levels, length, across);
            prop_assert_eq!(made.len(), length);
            for (at, &level) in made.iter().enumerate() {
                let exact = exact(&levels, length, at);
                prop_assert!((f64::from(level) - exact).abs() <= 0.6, "{} for {}", level, exact);
            }
        }

        #[test]
        fn one_colour_stays_that_colour(
            level: u8, source in 1_usize..3000, length in 1_usize..3000, across: bool,
        ) {
            let made = painted(&vec![level; source], length, across);
            prop_assert!(made.iter().all(|&made| made == level));
        }
    }
}
