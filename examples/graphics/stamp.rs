//! A frame's number and time as black and white cells in its picture, to be read back wherever it arrives.

use streamlib::actors::drawing::{Canvas, Color, Path};
use streamlib::prelude::*;

/// Cells in a row: a white one, 64 bits from the highest down, a white one.
const COLUMNS: u32 = 66;
/// The number, the time, and what both must agree with.
const ROWS: u32 = 3;

/// What is written into a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Which frame it is.
    pub frame_number: u64,
    /// When it was due.
    pub time: Timestamp,
}

/// Where the cells lie: a side in pixels, and the upper left corner.
struct Grid {
    side: u32,
    left: u32,
    top: u32,
}

impl Grid {
    /// In the lower left corner, in cells that are as large as fits and even, so that they survive 4:2:0.
    fn of(width: u32, height: u32) -> Option<Self> {
        let side = (width / (COLUMNS + 2)).min(height / 12) / 2 * 2;
        let top = height.checked_sub((ROWS + 1) * side)? / 2 * 2;
        (side >= 2).then_some(Self {
            side,
            left: side,
            top,
        })
    }
}

impl Stamp {
    fn rows(self) -> [u64; ROWS as usize] {
        let (number, time) = (self.frame_number, self.time.as_nanos());
        [number, time, !(number ^ time.rotate_left(17))]
    }

    /// Writes it. A picture of less than 136 × 24 pixels is too small for it.
    pub fn draw(self, canvas: &mut Canvas) {
        let Some(grid) = Grid::of(canvas.width() as u32, canvas.height() as u32) else {
            return;
        };
        let side = grid.side as f32;
        let (left, top) = (grid.left as f32, grid.top as f32);
        let whole = (left, top, side * COLUMNS as f32, side * ROWS as f32);
        canvas.fill_rect(whole, Color::BLACK);
        let mut white = Path::new();
        for (row, bits) in self.rows().into_iter().enumerate() {
            let y = top + row as f32 * side;
            let lit = |column: u32| {
                column == 0 || column == COLUMNS - 1 || bits >> (COLUMNS - 2 - column) & 1 == 1
            };
            for column in (0..COLUMNS).filter(|&column| lit(column)) {
                let x = left + column as f32 * side;
                white = white.move_to(x, y).line_to(x + side, y);
                white = white
                    .line_to(x + side, y + side)
                    .line_to(x, y + side)
                    .close();
            }
        }
        canvas.fill(&white, Color::WHITE);
    }

    /// Reads it from a picture of the size that it was drawn for, whose first plane is red, green and blue or luma, of 8 bits
    /// each. `None` when there is none, or what is there does not agree.
    #[must_use]
    pub fn read(frame: &VideoFrame) -> Option<Self> {
        let grid = Grid::of(frame.width(), frame.height())?;
        let pixel = match frame.format() {
            PixelFormat::Gray8 | PixelFormat::I420 | PixelFormat::Nv12 => 1,
            PixelFormat::Rgb8 => 3,
            PixelFormat::Rgba8 | PixelFormat::Bgra8 => 4,
            _ => return None,
        };
        // Of red, green and blue the one in the middle.
        let channel = usize::from(pixel > 1);
        let is_white = |row: u32, column: u32| {
            let (x, y) = (
                grid.left + column * grid.side + grid.side / 2,
                grid.top + row * grid.side + grid.side / 2,
            );
            let line = frame.row(y)?;
            Some(*line.get(x as usize * pixel + channel)? >= 128)
        };
        let bits = |row: u32| {
            let ends = is_white(row, 0)? && is_white(row, COLUMNS - 1)?;
            let bits = (1..COLUMNS - 1).try_fold(0, |bits, column| {
                Some(bits << 1 | u64::from(is_white(row, column)?))
            })?;
            ends.then_some(bits)
        };
        let stamp = Self {
            frame_number: bits(0)?,
            time: Timestamp::from_nanos(bits(1)?),
        };
        (stamp.rows()[2] == bits(2)?).then_some(stamp)
    }
}

#[cfg(test)]
mod tests {
    use streamlib::actor::Harness;

    use super::*;

    fn stamped(width: u32, height: u32, stamp: Stamp) -> VideoFrame {
        let drawing = Drawing::new(width, height, move |canvas, _| stamp.draw(canvas));
        let mut harness = Harness::new(drawing).unwrap();
        let mut video = harness.probe(|drawing| &mut drawing.video);
        harness.tick().unwrap();
        video.latest().unwrap().clone()
    }

    #[test]
    fn every_bit_comes_back_at_every_size() {
        for (width, height) in [(136, 24), (320, 180), (1280, 720), (1920, 1080)] {
            for frame_number in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
                let time = Timestamp::from_nanos(frame_number.rotate_left(31));
                let stamp = Stamp { frame_number, time };
                assert_eq!(Stamp::read(&stamped(width, height, stamp)), Some(stamp));
            }
        }
    }

    #[test]
    fn what_was_damaged_is_not_believed() {
        let stamp = Stamp {
            frame_number: 77,
            time: Timestamp::from_nanos(1_000_000),
        };
        let whole = stamped(320, 180, stamp);
        let grid = Grid::of(320, 180).unwrap();
        for (row, column) in [(0, 0), (0, 30), (1, 40), (2, 65)] {
            let mut frame = whole.clone();
            let (x, y) = (grid.left + column * grid.side, grid.top + row * grid.side);
            let mut view = frame.view_mut();
            for (down, right) in (0..grid.side).flat_map(|y| (0..grid.side).map(move |x| (y, x))) {
                let level = &mut view[[(y + down) as usize, (x + right) as usize, 1]];
                *level = !*level;
            }
            assert_eq!(Stamp::read(&frame), None, "row {row}, cell {column}");
        }
        assert_eq!(Stamp::read(&VideoFrame::default()), None);
        let small = VideoFrame::new(PixelFormat::Rgb8, 40, 40).unwrap();
        assert_eq!(Stamp::read(&small), None);
    }
}
