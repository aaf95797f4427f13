//! Which sizes of picture an actor can be asked for.

use crate::{Error, Result};

/// As many pixels a side as a [`VideoFrame`](crate::message::VideoFrame) can have.
const MAX_DIMENSION: u32 = 16_384;

/// Whether pictures of `width` × `height` pixels can be made.
///
/// # Errors
///
/// [`Error::Invalid`] for a side of 0 or of more than 16384 pixels.
pub(super) fn check(width: u32, height: u32) -> Result<()> {
    let possible = 1..=MAX_DIMENSION;
    if possible.contains(&width) && possible.contains(&height) {
        return Ok(());
    }
    Err(Error::invalid(
        "size",
        format_args!("{width} × {height} pixels"),
        format!("1 to {MAX_DIMENSION} pixels a side"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{PixelFormat, VideoFrame};

    #[test]
    fn agrees_with_what_a_frame_can_have() {
        for (width, height) in [
            (0, 1),
            (1, 0),
            (1, 1),
            (16_384, 1),
            (1, 16_385),
            (u32::MAX, 1),
        ] {
            let frame = VideoFrame::new(PixelFormat::Rgb8, width, height);
            assert_eq!(
                check(width, height).is_ok(),
                frame.is_ok(),
                "{width} × {height}"
            );
        }
        let message = check(0, 720).unwrap_err().to_string();
        assert_eq!(
            message,
            "size is 0 × 720 pixels; expected 1 to 16384 pixels a side"
        );
    }
}
