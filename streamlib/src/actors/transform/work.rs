//! One picture made of another: whole samples are moved where that is enough, else colours are shared anew.

use std::fmt;

use super::bytes;
use super::mapping::{Mapping, Part};
use super::samples::Samples;
use super::{Transformation, Turn};
use crate::actors::Crop;
use crate::actors::convert::rows::{Field, Source, Target};
use crate::message::{FieldOrder, PixelFormat, VideoFrame};
use crate::{Error, Result};

/// What is kept from picture to picture.
pub(super) struct Work(Samples);

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Work")
    }
}

impl Work {
    pub fn new() -> Self {
        Self(Samples::new())
    }

    /// Writes `part` of `from` into `to`, which has the size of the result.
    pub fn transform(
        &mut self,
        from: &VideoFrame,
        part: Part,
        how: &Transformation,
        to: &mut VideoFrame,
    ) {
        if let Some(bytes) = moved_bytes(from.format(), part, how) {
            let halves = Part {
                x: part.x / 2,
                y: part.y / 2,
                width: part.width.div_ceil(2),
                height: part.height.div_ceil(2),
            };
            let parts = [part, halves, halves];
            let planes = from.planes().zip(to.planes_mut());
            for (((from, mut to), bytes), part) in planes.zip(bytes).zip(parts) {
                let map = Mapping::new(part, how);
                match bytes {
                    1 => bytes::transform::<1>(&map, from, &mut to),
                    2 => bytes::transform::<2>(&map, from, &mut to),
                    3 => bytes::transform::<3>(&map, from, &mut to),
                    _ => bytes::transform::<4>(&map, from, &mut to),
                }
            }
            return;
        }
        let field = |frame: &VideoFrame| Field {
            first: 0,
            step: 1,
            rows: frame.height() as usize,
        };
        let source = Source {
            format: from.format(),
            planes: [0, 1, 2].map(|index| from.plane(index)),
            neutral: 0,
            field: field(from),
        };
        let (format, field) = (to.format(), field(to));
        let mut planes = to.planes_mut();
        let mut target = Target {
            format,
            planes: [planes.next(), planes.next(), planes.next()],
            field,
            top: 0,
        };
        let map = Mapping::new(Part { x: 0, y: 0, ..part }, how);
        self.0
            .transform(part, &map, from.width() as usize, &source, &mut target);
    }
}

/// What is left of the picture.
pub(super) fn part_of(frame: &VideoFrame, crop: Option<Crop>) -> Result<Part> {
    let (width, height) = frame.dimensions();
    let whole = Crop {
        x: 0,
        y: 0,
        width,
        height,
    };
    let crop = crop.unwrap_or(whole);
    if crop.x >= width || crop.y >= height {
        return Err(Error::invalid(
            "crop",
            format_args!("from column {} and row {} on", crop.x, crop.y),
            format!("a part of the picture, which is {width} × {height} pixels"),
        ));
    }
    Ok(Part {
        x: crop.x as usize,
        y: crop.y as usize,
        width: crop.width.min(width - crop.x) as usize,
        height: crop.height.min(height - crop.y) as usize,
    })
}

/// How many bytes the samples of each plane have, if no sample needs to be changed.
fn moved_bytes(format: PixelFormat, part: Part, how: &Transformation) -> Option<[usize; 3]> {
    let keeps_order = Transformation { crop: None, ..*how }.is_nothing();
    let even = |value: usize| value.is_multiple_of(2);
    let pairs_stay =
        even(part.x) && even(part.y) && (keeps_order || even(part.width) && even(part.height));
    match format {
        PixelFormat::Rgb8 => Some([3, 0, 0]),
        PixelFormat::Rgba8 | PixelFormat::Bgra8 => Some([4, 0, 0]),
        PixelFormat::Gray8 => Some([1, 0, 0]),
        PixelFormat::I420 if pairs_stay => Some([1, 1, 1]),
        PixelFormat::Nv12 if pairs_stay => Some([1, 2, 0]),
        _ => None,
    }
}

/// The first row of the result may be of the other field.
pub(super) fn field_order(frame: &VideoFrame, part: Part, how: &Transformation) -> FieldOrder {
    if how.turn.is_quarter() {
        return FieldOrder::Progressive;
    }
    let upside_down = how.flip_vertical != (how.turn == Turn::Half);
    let first = if upside_down {
        part.y + part.height - 1
    } else {
        part.y
    };
    frame.field_order().beginning_at(first)
}
