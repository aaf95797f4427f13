//! What is on the screen.

use std::time::{Duration, Instant};

use streamlib::prelude::*;

use crate::PATIENCE;
use crate::server::Server;

/// The bytes of an XWD file: a header of big-endian words, a colour map, and the pixels.
pub struct Screenshot(pub Vec<u8>);

impl Screenshot {
    fn word(&self, index: usize) -> usize {
        let bytes = self.0[index * 4..][..4].try_into().expect("four bytes");
        u32::from_be_bytes(bytes) as usize
    }

    pub fn size(&self) -> (usize, usize) {
        (self.word(4), self.word(5))
    }

    /// The colour `0xRRGGBB` of a pixel.
    pub fn at(&self, x: usize, y: usize) -> u32 {
        let (header, colours, bytes_per_line) = (self.word(0), self.word(19), self.word(12));
        assert_eq!(self.word(11), 32, "bits a pixel");
        let start = header + colours * 12 + y * bytes_per_line + x * 4;
        let bytes = self.0[start..][..4].try_into().expect("four bytes");
        let pixel = if self.word(7) == 0 {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        };
        pixel & 0xFF_FFFF
    }

    /// All of it as a picture.
    pub fn frame(&self) -> VideoFrame {
        let (width, height) = self.size();
        let mut frame = VideoFrame::new(PixelFormat::Rgb8, width as u32, height as u32)
            .expect("a screen is no larger than a picture");
        let pixels = frame.pixels_mut().as_chunks_mut().0.iter_mut();
        for (place, pixel) in pixels.enumerate() {
            let [_, r, g, b] = self.at(place % width, place / width).to_be_bytes();
            *pixel = [r, g, b];
        }
        frame
    }

    /// The colours in the middles of the seven bars of a picture that fills that part of the screen.
    pub fn bars(&self, (left, top, width, height): (usize, usize, usize, usize)) -> [u32; 7] {
        std::array::from_fn(|bar| self.at(left + (2 * bar + 1) * width / 14, top + height / 3))
    }
}

pub const BARS: [u32; 7] = [
    0xBFBFBF, 0xBFBF00, 0x00BFBF, 0x00BF00, 0xBF00BF, 0xBF0000, 0x0000BF,
];

/// Waits until `what` holds of the screen.
pub fn await_screen(server: &Server, name: &str, what: impl Fn(&Screenshot) -> bool) {
    let start = Instant::now();
    loop {
        let screenshot = server.screenshot();
        if what(&screenshot) {
            if let Ok(folder) = std::env::var("SCREENSHOTS") {
                let file = format!("{folder}/{name}.xwd").replace(' ', "_");
                std::fs::write(file, &screenshot.0).expect("the screenshot can be kept");
            }
            return;
        }
        let size = screenshot.size();
        assert!(
            start.elapsed() < PATIENCE,
            "the screen of {size:?} never showed: {name}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
