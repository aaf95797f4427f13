//! The rows of the source that are needed now, as 16-bit samples.

/// Samples behind the last of a row that the sums may read.
const SLACK: usize = 32;

/// As many rows of some planes as one row of the result is made of.
#[derive(Debug, Default)]
pub(super) struct Window {
    samples: Vec<i16>,
    /// Which row is held in each place.
    held: Vec<Option<usize>>,
    planes: usize,
    row_len: usize,
    width: usize,
}

impl Window {
    /// Makes room for `rows` rows of `planes` planes, `width` samples wide. Allocates when that is more than ever before.
    pub fn remake(&mut self, planes: usize, width: usize, rows: usize) {
        let row_len = width.next_multiple_of(SLACK) + SLACK;
        self.samples.resize(row_len * planes * rows, 0);
        self.held.clear();
        self.held.resize(rows, None);
        (self.planes, self.row_len, self.width) = (planes, row_len, width);
    }

    /// Forgets all rows: another picture begins.
    pub fn clear(&mut self) {
        self.held.fill(None);
    }

    /// How many samples a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether row `y` has to be filled in; from now on it is held.
    pub fn take_in(&mut self, y: usize) -> bool {
        let place = y % self.held.len();
        self.held[place].replace(y) != Some(y)
    }

    /// Row `y` of a plane.
    pub fn row_mut(&mut self, plane: usize, y: usize) -> &mut [i16] {
        let start = self.offset(plane, y);
        &mut self.samples[start..][..self.row_len]
    }

    /// Where row `y` of a plane begins in [`samples`](Self::samples).
    pub fn offset(&self, plane: usize, y: usize) -> usize {
        (y % self.held.len() * self.planes + plane) * self.row_len
    }

    pub fn samples(&self) -> &[i16] {
        &self.samples
    }
}
