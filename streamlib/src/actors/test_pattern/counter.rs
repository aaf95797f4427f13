//! The number and the time of a frame, burned into its picture.

use std::io::Write;

use super::canvas::{Canvas, Scratch};
use super::smpte::{BLACK, WHITE};
use crate::message::VideoFrame;
use crate::time::{Rate, TimedTick};

/// Letters are five columns and seven rows in cells of six; a row is five bits, the first column the highest.
const COLUMNS: usize = 5;
const ROWS: usize = 7;
const CELL: usize = COLUMNS + 1;
/// Around the text, in the columns of letters.
const MARGIN: usize = 2;

/// What can be written.
const LETTERS: [(u8, [u8; ROWS]); 13] = [
    (b'0', [14, 17, 19, 21, 25, 17, 14]),
    (b'1', [4, 12, 4, 4, 4, 4, 14]),
    (b'2', [14, 17, 1, 2, 4, 8, 31]),
    (b'3', [31, 2, 4, 2, 1, 17, 14]),
    (b'4', [2, 6, 10, 18, 31, 2, 2]),
    (b'5', [31, 16, 30, 1, 1, 17, 14]),
    (b'6', [6, 8, 16, 30, 17, 17, 14]),
    (b'7', [31, 1, 2, 4, 8, 8, 8]),
    (b'8', [14, 17, 17, 14, 17, 17, 14]),
    (b'9', [14, 17, 17, 15, 1, 2, 12]),
    (b':', [0, 12, 12, 0, 12, 12, 0]),
    (b';', [0, 12, 12, 0, 12, 4, 8]),
    (b'.', [0, 0, 0, 0, 0, 12, 12]),
];

/// The longest text: a time code, two spaces and the largest number.
const LONGEST: usize = 36;

/// Writes the time and the number of frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter {
    /// For time code; without, the time is that of the tick, to the millisecond.
    pub rate: Option<Rate>,
}

impl Counter {
    /// Writes into the upper part of the picture, white on black.
    pub fn burn(self, frame: &mut VideoFrame, scratch: &mut Scratch, tick: TimedTick) {
        let mut text = [0; LONGEST];
        let len = self.text(tick, &mut text);
        let text = &text[..len];

        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let columns = CELL * text.len() + 2 * MARGIN;
        let rows = ROWS + 2 * MARGIN;
        let scale = (height / 100).min(width / columns).max(1);
        let box_width = (columns * scale).next_multiple_of(12).min(width);
        let left = (width - box_width) / 2 / 12 * 12;
        // Where it does not fit between, it reaches to the end.
        let box_width = if left == 0 { width } else { box_width };
        let top = height / 12 / 2 * 2;
        let box_height = (rows * scale).next_multiple_of(2).min(height - top);
        let margin = (box_width.saturating_sub(CELL * text.len() * scale)) / 2;

        let mut canvas = Canvas::part(frame, scratch, (left, top), (box_width, box_height));
        let first = (MARGIN * scale).min(box_height);
        canvas.band(0..first, |row| row.fill(0..box_width, BLACK));
        for line in 0..ROWS {
            let rows = [line, line + 1].map(|line| (first + line * scale).min(box_height));
            canvas.band(rows[0]..rows[1], |row| {
                row.paint(0..box_width, |x| {
                    let column = x.checked_sub(margin).map(|x| x / scale);
                    let is_ink = column.is_some_and(|column| is_ink(text, line, column));
                    if is_ink { WHITE } else { BLACK }
                });
            });
        }
        let last = (first + ROWS * scale).min(box_height);
        canvas.band(last..box_height, |row| row.fill(0..box_width, BLACK));
    }

    /// Writes `01:02:03:04  0000000123`; says how long it is.
    fn text(self, tick: TimedTick, text: &mut [u8; LONGEST]) -> usize {
        let mut rest = &mut text[..];
        let frame_number = tick.frame_number;
        let written = match self.rate {
            Some(rate) => {
                let (separator, [hours, minutes, seconds, frames]) = timecode(rate, frame_number);
                write!(
                    rest,
                    "{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:02}  {frame_number:08}"
                )
            }
            None => {
                let millis = tick.timestamp.as_nanos() / 1_000_000;
                let (seconds, millis) = (millis / 1000 % 86_400, millis % 1000);
                let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
                write!(
                    rest,
                    "{hours:02}:{minutes:02}:{seconds:02}.{millis:03}  {frame_number:08}"
                )
            }
        };
        debug_assert!(written.is_ok());
        let left = rest.len();
        LONGEST - left
    }
}

/// The time code of SMPTE ST 12-1 that frame `frame_number` has: hours, minutes, seconds and frames, and what stands before
/// the frames. At 30000/1001 and 60000/1001 it drops frame numbers, so that it keeps to the clock.
fn timecode(rate: Rate, frame_number: u64) -> (char, [u64; 4]) {
    let nominal = (rate.as_f64().round() as u64).max(1);
    let drops = rate.denominator() == 1001 && nominal.is_multiple_of(30);
    let dropped = if drops { nominal / 15 } else { 0 };
    // Every minute but each tenth begins with a number that is higher by `dropped`.
    let ten_minutes = 600 * nominal - 9 * dropped;
    let minute = 60 * nominal - dropped;
    let of_day = frame_number % (144 * ten_minutes);
    let (tens, rest) = (of_day / ten_minutes, of_day % ten_minutes);
    let minutes = rest.saturating_sub(dropped) / minute;
    let number = of_day + dropped * (9 * tens + minutes);
    let seconds = number / nominal;
    let code = [
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        number % nominal,
    ];
    (if drops { ';' } else { ':' }, code)
}

/// Whether the column of the text, counted in columns of letters, is white in that row of the letters.
fn is_ink(text: &[u8], line: usize, column: usize) -> bool {
    let letter = text.get(column / CELL);
    let known = letter.and_then(|letter| LETTERS.iter().find(|(known, _)| known == letter));
    let column = column % CELL;
    known.is_some_and(|(_, rows)| column < COLUMNS && rows[line] >> (COLUMNS - 1 - column) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::PixelFormat;
    use crate::time::Timestamp;

    fn code(rate: Rate, frame_number: u64) -> String {
        let (separator, [hours, minutes, seconds, frames]) = timecode(rate, frame_number);
        format!("{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:02}")
    }

    #[test]
    fn time_code_counts_and_drops_as_the_standard_says() {
        assert_eq!(code(Rate::fps(25), 25 * 3_661 + 7), "01:01:01:07");
        assert_eq!(code(Rate::fps(23.976), 24 * 60), "00:01:00:00");
        let ntsc = Rate::fps(29.97);
        for (frame_number, expected) in [
            (1_799, "00:00:59;29"),
            (1_800, "00:01:00;02"),
            (3_597, "00:01:59;29"),
            (3_598, "00:02:00;02"),
            (17_981, "00:09:59;29"),
            (17_982, "00:10:00;00"),
            (107_892, "01:00:00;00"),
            (107_892 * 24, "00:00:00;00"),
        ] {
            assert_eq!(code(ntsc, frame_number), expected, "{frame_number}");
        }
        assert_eq!(code(Rate::fps(59.94), 3_600), "00:01:00;04");
        assert_eq!(code(Rate::fps(0.1), 5), "00:00:05:00");
        code(Rate::fps(1_000_000), u64::MAX);
    }

    #[test]
    fn any_size_and_format_can_be_written_on() {
        for (width, height) in [(1, 1), (2, 2), (13, 7), (64, 36), (131, 40), (640, 360)] {
            for &format in PixelFormat::ALL {
                for rate in [None, Some(Rate::fps(50))] {
                    let mut frame = VideoFrame::new(format, width, height).unwrap();
                    let tick = TimedTick {
                        timestamp: Timestamp::MAX,
                        frame_number: u64::MAX,
                        ..TimedTick::default()
                    };
                    Counter { rate }.burn(&mut frame, &mut Scratch::default(), tick);
                }
            }
        }
    }

    #[test]
    fn the_digits_of_the_number_are_in_the_picture() {
        let mut frame = VideoFrame::new(PixelFormat::Gray8, 320, 100).unwrap();
        let tick = TimedTick {
            frame_number: 12_345_678,
            ..TimedTick::default()
        };
        Counter { rate: None }.burn(&mut frame, &mut Scratch::default(), tick);
        let lit: Vec<(usize, usize)> = (0..100)
            .flat_map(|y| (0..320).map(move |x| (x, y)))
            .filter(|&(x, y)| frame.view()[[y, x, 0]] == 255)
            .collect();
        let (top, left) = (lit[0].1, lit.iter().map(|(x, _)| *x).min().unwrap());
        let cell = |index: usize| -> [u8; ROWS] {
            std::array::from_fn(|row| {
                (0..COLUMNS).fold(0, |bits, column| {
                    // The text begins with a 0, whose first column has ink.
                    let x = left + index * CELL + column;
                    bits << 1 | u8::from(frame.view()[[top + row, x, 0]] == 255)
                })
            })
        };
        let read: String = "00:00:00.000  12345678"
            .chars()
            .enumerate()
            .map(|(index, _)| {
                let letter = LETTERS.iter().find(|(_, rows)| *rows == cell(index));
                letter.map_or(' ', |(letter, _)| char::from(*letter))
            })
            .collect();
        assert_eq!(read, "00:00:00.000  12345678");
    }
}
