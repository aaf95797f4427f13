//! Where a picture lies in a window of another size: all of it, all over it, or pixel for pixel.

use crate::message::PixelAspect;

/// How a picture is laid into a window of another size. Its shape is kept in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scaling {
    /// As large as the whole picture fits; what it leaves free is black.
    #[default]
    Fit,
    /// So large that it covers the window; what does not fit is cut off on both sides.
    Fill,
    /// A pixel of the picture is a pixel of the window: in the middle, cut off on all sides where it is
    /// larger.
    Exact,
}

impl Scaling {
    /// The one after this, round and round.
    pub(super) fn next(self) -> Self {
        match self {
            Self::Fit => Self::Fill,
            Self::Fill => Self::Exact,
            Self::Exact => Self::Fit,
        }
    }
}

/// A picture's place in a window, which it may reach out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) columns: Stretch,
    pub(super) rows: Stretch,
}

/// `source` pixels shown as `length` pixels from `start` on, in a window of `window` pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: i64,
    pub(super) length: u64,
    pub(super) source: u64,
    pub(super) window: u64,
}

impl Fit {
    /// Both sizes are width and height in pixels. A picture keeps at least one pixel a side; in a
    /// window without pixels none is seen.
    pub(super) fn new(
        picture: (usize, usize),
        aspect: PixelAspect,
        window: (usize, usize),
        scaling: Scaling,
    ) -> Self {
        let sides = |(width, height): (usize, usize)| (width as u64, height as u64);
        let (picture, window) = (sides(picture), sides(window));
        // Frames have at most 2^14 pixels a side, windows 2^16, and the aspect 2^32: no overflow.
        let shape = (
            picture.0 * u64::from(aspect.width()),
            picture.1 * u64::from(aspect.height()),
        );
        let as_wide = (window.0, divide(shape.1 * window.0, shape.0));
        let as_high = (divide(shape.0 * window.1, shape.1), window.1);
        let is_wider = shape.0 * window.1 >= shape.1 * window.0;
        let (width, height) = match scaling {
            Scaling::Fit if is_wider => (as_wide.0, as_wide.1.max(1).min(window.1)),
            Scaling::Fit => (as_high.0.max(1).min(window.0), as_high.1),
            Scaling::Fill if is_wider => as_high,
            Scaling::Fill => as_wide,
            Scaling::Exact => (
                divide(shape.0, u64::from(aspect.height())).max(1),
                picture.1,
            ),
        };
        Self {
            columns: Stretch::new(picture.0, width, window.0),
            rows: Stretch::new(picture.1, height, window.1),
        }
    }

    /// The window's columns that show the picture.
    pub(super) fn columns(&self) -> std::ops::Range<usize> {
        self.columns.seen()
    }

    /// The window's rows that show the picture.
    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        self.rows.seen()
    }

    /// The picture's column and row that are shown first, if it is shown pixel for pixel.
    pub(super) fn exact_from(&self) -> Option<(usize, usize)> {
        let is_exact = |way: Stretch| way.length == way.source;
        let first = |way: Stretch| (way.seen().start as i64 - way.start) as usize;
        (is_exact(self.columns) && is_exact(self.rows))
            .then(|| (first(self.columns), first(self.rows)))
    }

    /// Width and height that the whole picture has in the window's pixels.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.columns.length as usize, self.rows.length as usize)
    }

    /// The place in the picture, in its pixels, that lies at `(x, y)` of the window. Beside the
    /// picture the coordinates are negative, or beyond its size.
    pub(super) fn to_picture(self, (x, y): (f32, f32)) -> (f32, f32) {
        (self.columns.to_source(x), self.rows.to_source(y))
    }
}

impl Stretch {
    fn new(source: u64, length: u64, window: u64) -> Self {
        Self {
            start: (window as i64 - length as i64).div_euclid(2),
            length,
            source,
            window,
        }
    }

    /// The window's pixels that show the picture.
    pub(super) fn seen(&self) -> std::ops::Range<usize> {
        let end = (self.start + self.length as i64).clamp(0, self.window as i64);
        self.start.clamp(0, end) as usize..end as usize
    }

    fn to_source(self, at: f32) -> f32 {
        (at - self.start as f32) * self.source as f32 / self.length.max(1) as f32
    }
}

/// `a / b` to the nearest; 0 for `b` = 0.
fn divide(a: u64, b: u64) -> u64 {
    (a + b / 2).checked_div(b).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(picture: (usize, usize), window: (usize, usize), scaling: Scaling) -> Fit {
        Fit::new(picture, PixelAspect::SQUARE, window, scaling)
    }

    fn rectangle(picture: (usize, usize), window: (usize, usize)) -> [usize; 4] {
        let fit = fit(picture, window, Scaling::Fit);
        [
            fit.columns().start,
            fit.rows().start,
            fit.columns().len(),
            fit.rows().len(),
        ]
    }

    #[test]
    fn fits_one_way_and_is_centred_the_other() {
        assert_eq!(rectangle((1920, 1080), (1920, 1080)), [0, 0, 1920, 1080]);
        assert_eq!(rectangle((1920, 1080), (1000, 1000)), [0, 218, 1000, 563]);
        assert_eq!(rectangle((1080, 1920), (1000, 1000)), [218, 0, 563, 1000]);
        assert_eq!(rectangle((16, 9), (32, 18)), [0, 0, 32, 18]);
    }

    #[test]
    fn extreme_shapes_keep_a_pixel() {
        assert_eq!(rectangle((16384, 1), (100, 100)), [0, 49, 100, 1]);
        assert_eq!(rectangle((1, 16384), (100, 100)), [49, 0, 1, 100]);
        assert_eq!(rectangle((16, 9), (0, 0)), [0, 0, 0, 0]);
        assert_eq!(rectangle((16, 9), (5, 0))[3], 0);
    }

    #[test]
    fn fills_the_window_and_is_cut_off_on_both_sides() {
        let wide = fit((1600, 900), (900, 900), Scaling::Fill);
        assert_eq!(
            (wide.columns(), wide.rows(), wide.size()),
            (0..900, 0..900, (1600, 900))
        );
        assert_eq!(wide.columns.start, -350);
        assert_eq!(wide.to_picture((450.0, 450.0)), (800.0, 450.0));
    }

    #[test]
    fn exact_is_pixel_for_pixel_in_the_middle() {
        let small = fit((4, 2), (10, 10), Scaling::Exact);
        assert_eq!((small.columns(), small.rows()), (3..7, 4..6));
        let large = fit((100, 100), (10, 10), Scaling::Exact);
        assert_eq!(
            (large.columns(), large.exact_from()),
            (0..10, Some((45, 45)))
        );
        assert_eq!(small.exact_from(), Some((0, 0)));
    }

    #[test]
    fn pixels_that_are_not_square_are_shown_as_wide_as_they_are() {
        let pal = PixelAspect::new(64, 45).unwrap();
        let fit = Fit::new((720, 576), pal, (1024, 1024), Scaling::Fit);
        assert_eq!(fit.size(), (1024, 576));
        let exact = Fit::new((720, 576), pal, (2000, 2000), Scaling::Exact);
        assert_eq!(exact.size(), (1024, 576));
        let most = PixelAspect::new(u32::MAX, 1).unwrap();
        Fit::new((16384, 16384), most, (65535, 65535), Scaling::Fill);
    }

    #[test]
    fn what_is_shown_lies_in_the_window_and_in_the_picture() {
        for (picture, window) in [
            ((7, 5), (640, 480)),
            ((1920, 1080), (33, 17)),
            ((1, 1), (9, 9)),
            ((16384, 1), (3, 400)),
            ((5, 5), (0, 3)),
        ] {
            for scaling in [Scaling::Fit, Scaling::Fill, Scaling::Exact] {
                let fit = fit(picture, window, scaling);
                assert!(fit.columns().end <= window.0 && fit.rows().end <= window.1);
                if let Some((left, top)) = fit.exact_from() {
                    assert!(left + fit.columns().len() <= picture.0);
                    assert!(top + fit.rows().len() <= picture.1);
                }
            }
        }
    }

    #[test]
    fn window_places_become_picture_places() {
        let fit = fit((1920, 1080), (960, 960), Scaling::Fit);
        assert_eq!(fit.to_picture((0.0, 210.0)), (0.0, 0.0));
        assert_eq!(fit.to_picture((480.0, 480.0)), (960.0, 540.0));
        assert!(fit.to_picture((0.0, 0.0)).1 < 0.0);
    }
}
