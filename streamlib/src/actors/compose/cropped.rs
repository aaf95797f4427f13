//! A part of a picture by itself, in the picture's own format.

use super::fitted::{Part, pixels};
use crate::Result;
use crate::actors::kept::Kept;
use crate::message::{PixelFormat, VideoFrame};

/// The last picture that was cropped, and what became of it.
#[derive(Debug, Default)]
pub(super) struct Cropped {
    asked: Option<Part>,
    kept: Kept,
}

impl Cropped {
    /// Lets go of the picture that was there last.
    pub fn forget(&mut self) {
        self.kept.forget();
    }

    /// A picture that holds `part` of `frame`, and where in it.
    ///
    /// # Errors
    /// No memory for it.
    pub fn of(&mut self, frame: &VideoFrame, part: Part) -> Result<(VideoFrame, Part)> {
        let whole = around(frame, part);
        let within = Part {
            x: part.x - whole.x,
            y: part.y - whole.y,
            ..part
        };
        let again = self.kept.again(frame);
        if let Some(ready) = again.filter(|_| self.asked == Some(whole)) {
            return Ok((ready, within));
        }
        let ready = self.kept.make(frame, |ready| cut(frame, whole, ready))?;
        self.asked = Some(whole);
        Ok((ready, within))
    }
}

/// How many pixels beside each other are written together in a plane, and in how many bytes; and how many rows of
/// pixels share one of it.
fn groups(format: PixelFormat, plane: usize) -> (usize, usize, usize) {
    match (format, plane) {
        (PixelFormat::I420, 1..) => (2, 1, 2),
        (PixelFormat::Nv12, 1..) => (2, 2, 2),
        (PixelFormat::Uyvy, _) => (2, 4, 1),
        (PixelFormat::Uyvp, _) => (2, 5, 1),
        (PixelFormat::V210, _) => (6, 16, 1),
        (format, _) if format.is_rgb() => (1, format.channels(), 1),
        _ => (1, 1, 1),
    }
}

/// The smallest part around `part` that is converted as it is in the whole: that begins where pixels that are written together do,
/// and in the first of the fields.
fn around(frame: &VideoFrame, part: Part) -> Part {
    let last = frame.planes().len().saturating_sub(1);
    let (columns, _, mut rows) = groups(frame.format(), last);
    let whole = frame.height() as usize;
    if frame.field_order().is_interlaced() {
        // Rows that share their colour are those of a field, if these can be paired; else those of the picture.
        let is_paired = rows == 1 || whole.is_multiple_of(2 * rows);
        rows = if is_paired { 2 * rows } else { whole };
    }
    let (left, top) = (part.x % columns, part.y % rows);
    let bottom = (part.y + part.height).next_multiple_of(rows).min(whole);
    Part {
        x: part.x - left,
        y: part.y - top,
        width: part.width + left,
        height: bottom - (part.y - top),
    }
}

/// Copies `part` of `frame`, which begins where pixels that are written together do, into `out`.
pub(super) fn cut(frame: &VideoFrame, part: Part, out: &mut VideoFrame) -> Result<()> {
    let format = frame.format();
    out.reset(format, pixels(part.width)?, pixels(part.height)?)?;
    out.inherit(frame);
    out.set_colorimetry(frame.colorimetry());
    out.set_field_order(frame.field_order().beginning_at(part.y));
    for (index, (from, mut to)) in frame.planes().zip(out.planes_mut()).enumerate() {
        let (columns, bytes, rows) = groups(format, index);
        let left = part.x / columns * bytes;
        let rows = from.rows().skip(part.y / rows);
        for (from, to) in rows.zip(to.rows_mut()) {
            let from = from.get(left..).unwrap_or_default();
            let count = from.len().min(to.len());
            to[..count].copy_from_slice(&from[..count]);
        }
    }
    Ok(())
}
