//! How a picture crosses to another process: its pixels stay where they are.

use serde::{Deserialize, Serialize};

use super::frame::checked_layout;
use super::interpretation::Interpretation;
use super::layout::Layout;
use super::{Colorimetry, FieldOrder, PixelAspect, PixelFormat, VideoFrame};
use crate::Result;
use crate::message::{Crosses, Lent, Metadata, Reading, Writing};
use crate::time::Timestamp;

/// A picture without its pixels.
#[derive(Serialize, Deserialize)]
struct Head {
    format: PixelFormat,
    width: u32,
    height: u32,
    strides: [u32; 3],
    colorimetry: Colorimetry,
    field_order: FieldOrder,
    pixel_aspect: PixelAspect,
    timestamp: Timestamp,
    frame_number: u64,
    pixels: Option<Lent>,
    has_metadata: bool,
}

#[diagnostic::do_not_recommend]
impl<A, K> Crosses<A, K> for VideoFrame {
    fn write(&self, to: &mut Writing<'_>) -> Result<()> {
        let mut strides = [0; 3];
        for (to, plane) in strides.iter_mut().zip(self.layout.planes()) {
            *to = plane.stride as u32; // at most 2^20
        }
        let pixels = to.lend(&self.buffer)?;
        to.value(&Head {
            format: self.format(),
            width: self.width(),
            height: self.height(),
            strides,
            colorimetry: self.colorimetry(),
            field_order: self.field_order(),
            pixel_aspect: self.pixel_aspect(),
            timestamp: self.timestamp(),
            frame_number: self.frame_number(),
            pixels,
            has_metadata: self.metadata().is_some(),
        })?;
        match self.metadata() {
            Some(metadata) => to.value::<Metadata>(metadata),
            None => Ok(()),
        }
    }

    fn read(from: &mut Reading<'_>) -> Result<Self> {
        let head: Head = from.value()?;
        let layout = if head.width == 0 && head.height == 0 {
            Layout::default()
        } else {
            let strides = head.strides.map(|stride| stride as usize);
            checked_layout(head.format, head.width, head.height)?
                .with_strides(&strides[..head.format.plane_count()])?
        };
        let buffer = from.borrow(head.pixels, layout.len)?;
        let metadata = if head.has_metadata {
            Some(from.metadata()?)
        } else {
            None
        };
        let interpretation = Interpretation {
            colorimetry: head.colorimetry,
            field_order: head.field_order,
            pixel_aspect: head.pixel_aspect,
        };
        Ok(Self::assembled(
            buffer,
            (head.format, head.width, head.height),
            layout,
            interpretation,
            (head.timestamp, head.frame_number),
            metadata,
        ))
    }
}
