//! A picture cropped, scaled and converted for its place, and kept as long as it stays the same.

use super::Common;
use crate::message::VideoFrame;
use crate::{Error, Result};

/// A part of a picture, within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::actors) struct Part {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Part {
    /// All of a picture.
    pub fn whole(frame: &VideoFrame) -> Self {
        Self {
            x: 0,
            y: 0,
            width: frame.width() as usize,
            height: frame.height() as usize,
        }
    }
}

/// Makes of a layer's pictures what can be laid.
#[derive(Debug, Default)]
pub(in crate::actors) struct Fitter {}

impl Fitter {
    /// `part` of `frame`, `size` pixels large and in a format that is laid as it is: a picture, and where in it
    /// the part begins.
    ///
    /// # Errors
    /// When it cannot be scaled or converted.
    pub fn fit(
        &mut self,
        frame: &VideoFrame,
        part: Part,
        size: (usize, usize),
        common: Common,
    ) -> Result<(VideoFrame, usize, usize)> {
        if (part.width, part.height) != size {
            return Err(Error::invalid(
                "picture",
                format_args!("{} × {} pixels", part.width, part.height),
                format!("{} × {} pixels; scale it before", size.0, size.1),
            ));
        }
        if !common.wanted(frame).is_of(frame) {
            return Err(Error::invalid(
                "format of a picture",
                frame.format(),
                "Rgb8, Rgba8 or Bgra8; convert it before",
            ));
        }
        Ok((frame.clone(), part.x, part.y))
    }
}
