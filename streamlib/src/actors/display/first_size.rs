//! How large a window is at first: as was asked for, or as its first picture, or as the screen allows.

use std::time::{Duration, Instant};

use super::fit::{Fit, Scaling};
use super::screen::{Settings, Shared};
use crate::message::{PixelAspect, VideoFrame};

/// How long a window without a size of its own waits for a picture whose size it can take.
const WAIT_FOR_SIZE: Duration = Duration::from_millis(500);
const SIZE_WITHOUT_PICTURE: (usize, usize) = (1280, 720);

/// Width and height, and the picture that was waited for, if one came.
pub(super) fn of(
    settings: &Settings,
    screen: (usize, usize),
    shared: &Shared,
) -> ((usize, usize), Option<VideoFrame>) {
    if let Some((width, height)) = settings.size {
        return ((width as usize, height as usize), None);
    }
    let first = wait_for_frame(shared);
    let size = first.as_ref().map_or(SIZE_WITHOUT_PICTURE, shape);
    (size_on(screen, size), first)
}

fn wait_for_frame(shared: &Shared) -> Option<VideoFrame> {
    let start = Instant::now();
    loop {
        let frame = shared.take_frame();
        let left = WAIT_FOR_SIZE.saturating_sub(start.elapsed());
        if frame.is_some() || shared.is_stopping() || left.is_zero() {
            return frame;
        }
        shared.wait(None, left);
    }
}

/// Width and height at which the picture is shown when nothing is scaled.
fn shape(frame: &VideoFrame) -> (usize, usize) {
    let size = (frame.width() as usize, frame.height() as usize);
    Fit::new(size, frame.pixel_aspect(), size, Scaling::Exact).size()
}

/// `size`, or as much of the screen as has its shape if the screen is smaller.
fn size_on(screen: (usize, usize), size: (usize, usize)) -> (usize, usize) {
    if size.0 <= screen.0 && size.1 <= screen.1 {
        return size;
    }
    Fit::new(size, PixelAspect::SQUARE, screen, Scaling::Fit).size()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_no_larger_than_the_screen() {
        assert_eq!(size_on((2560, 1440), (1920, 1080)), (1920, 1080));
        assert_eq!(size_on((1280, 1024), (1920, 1080)), (1280, 720));
        assert_eq!(size_on((1024, 768), (100, 4000)), (19, 768));
    }
}
