//! What is done to colours.

use std::sync::Arc;

use super::Lut3d;
use super::lut::Place;
use crate::{Error, Result};

/// What is done to the colours of a picture, each channel for itself: `(gain · (in + lift · (1 − in)))^(1 / gamma)`, of
/// levels from 0 to 1; and then what a table says.
///
/// Lift moves black and leaves white, gain moves white and leaves black, gamma moves what is between.
#[derive(Clone, Debug, PartialEq)]
pub struct Grade {
    /// Of red, green and blue; 0 does nothing.
    pub lift: [f32; 3],
    /// Of red, green and blue; 1 does nothing, more makes it brighter.
    pub gamma: [f32; 3],
    /// Of red, green and blue; 1 does nothing.
    pub gain: [f32; 3],
    /// What comes after them.
    pub lut: Option<Arc<Lut3d>>,
}

impl Default for Grade {
    fn default() -> Self {
        Self {
            lift: [0.0; 3],
            gamma: [1.0; 3],
            gain: [1.0; 3],
            lut: None,
        }
    }
}

impl Grade {
    /// Whether nothing is done.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it can be done.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no finite number, and for a gamma that is not above 0.
    pub fn check(&self) -> Result<()> {
        let numbers = [
            ("lift", self.lift),
            ("gamma", self.gamma),
            ("gain", self.gain),
        ];
        for (what, levels) in numbers {
            for level in levels {
                if !level.is_finite() || what == "gamma" && level <= 0.0 {
                    let expected = if what == "gamma" {
                        "a number above 0"
                    } else {
                        "a finite number"
                    };
                    return Err(Error::invalid(what, level, expected));
                }
            }
        }
        Ok(())
    }

    /// What becomes of a level of a channel, before the table.
    fn level(&self, channel: usize, level: f32) -> f32 {
        let lifted = level + self.lift[channel] * (1.0 - level);
        (self.gain[channel] * lifted)
            .max(0.0)
            .powf(1.0 / self.gamma[channel])
    }
}

/// A grade, worked out for each of the 256 levels of each channel.
#[derive(Debug)]
pub(super) struct Worked {
    levels: [[u8; 256]; 3],
    /// The same as places in the table, if there is one.
    places: [[Place; 256]; 3],
}

impl Worked {
    /// Nothing that can be used before [`work_out`](Self::work_out).
    pub fn new() -> Box<Self> {
        Box::new(Self {
            levels: [[0; 256]; 3],
            places: [[Place::default(); 256]; 3],
        })
    }

    /// Makes this what becomes of each level by `grade`, in the memory that it has.
    pub fn work_out(&mut self, grade: &Grade) {
        for channel in 0..3 {
            for code in 0..256 {
                let level = grade.level(channel, code as f32 / 255.0);
                match &grade.lut {
                    None => self.levels[channel][code] = (level * 255.0 + 0.5) as u8,
                    Some(lut) => self.places[channel][code] = lut.place(channel, level),
                }
            }
        }
    }

    /// Corrects pixels of `STEP` bytes, whose red, green and blue are at `order`, by the grade that was worked out, which
    /// has this table.
    pub fn correct<const STEP: usize>(
        &self,
        lut: Option<&Lut3d>,
        order: [usize; 3],
        pixels: &mut [u8],
    ) {
        let [r, g, b] = order;
        let pixels = pixels.as_chunks_mut::<STEP>().0;
        let Some(lut) = lut else {
            let [red, green, blue] = &self.levels;
            for pixel in pixels {
                pixel[r] = red[usize::from(pixel[r])];
                pixel[g] = green[usize::from(pixel[g])];
                pixel[b] = blue[usize::from(pixel[b])];
            }
            return;
        };
        let [red, green, blue] = &self.places;
        // Neighbours are often alike.
        let mut last = None;
        for pixel in pixels {
            let given = [pixel[r], pixel[g], pixel[b]];
            let made = match last {
                Some((known, made)) if known == given => made,
                _ => {
                    let [x, y, z] = given.map(usize::from);
                    let made = lut.at([red[x], green[y], blue[z]]);
                    made.map(|level| (level * 255.0 + 0.5) as u8)
                }
            };
            last = Some((given, made));
            (pixel[r], pixel[g], pixel[b]) = (made[0], made[1], made[2]);
        }
    }
}
