//! Where a picture lies in a window of another shape: as large as fits, aspect kept, in the middle.

/// The part of a window that a picture fills, in window pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    picture: (usize, usize),
}

impl Fit {
    /// Both sizes are width and height in pixels. A picture keeps at least one pixel a side; in a
    /// window without pixels it has none.
    pub(super) fn new(picture: (usize, usize), window: (usize, usize)) -> Self {
        let (width, height) = if picture.0 * window.1 >= picture.1 * window.0 {
            (
                window.0,
                divide(picture.1 * window.0, picture.0).max(1).min(window.1),
            )
        } else {
            (
                divide(picture.0 * window.1, picture.1).max(1).min(window.0),
                window.1,
            )
        };
        Self {
            left: (window.0 - width) / 2,
            top: (window.1 - height) / 2,
            width,
            height,
            picture,
        }
    }

    /// Whether the picture is shown pixel for pixel.
    pub(super) fn is_exact(&self) -> bool {
        (self.width, self.height) == self.picture
    }

    /// The picture's column that window column `left + x` shows.
    pub(super) fn source_x(&self, x: usize) -> usize {
        (2 * x + 1) * self.picture.0 / (2 * self.width)
    }

    /// The picture's row that window row `top + y` shows.
    pub(super) fn source_y(&self, y: usize) -> usize {
        (2 * y + 1) * self.picture.1 / (2 * self.height)
    }

    /// The place in the picture, in its pixels, that lies at `(x, y)` of the window. Beside the
    /// picture the coordinates are negative, or beyond its size.
    pub(super) fn to_picture(self, (x, y): (f32, f32)) -> (f32, f32) {
        let scale = |at: f32, start: usize, shown: usize, size: usize| {
            (at - start as f32) * size as f32 / shown.max(1) as f32
        };
        (
            scale(x, self.left, self.width, self.picture.0),
            scale(y, self.top, self.height, self.picture.1),
        )
    }
}

/// `a / b` to the nearest; 0 for `b` = 0.
fn divide(a: usize, b: usize) -> usize {
    (2 * a + b).checked_div(2 * b).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle(picture: (usize, usize), window: (usize, usize)) -> [usize; 4] {
        let fit = Fit::new(picture, window);
        [fit.left, fit.top, fit.width, fit.height]
    }

    #[test]
    fn fills_one_way_and_is_centred_the_other() {
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
        assert_eq!(Fit::new((16, 9), (5, 0)).height, 0);
    }

    #[test]
    fn each_shown_pixel_has_a_source_inside_the_picture() {
        for (picture, window) in [
            ((7, 5), (640, 480)),
            ((1920, 1080), (33, 17)),
            ((1, 1), (9, 9)),
        ] {
            let fit = Fit::new(picture, window);
            assert!((0..fit.width).all(|x| fit.source_x(x) < picture.0));
            assert!((0..fit.height).all(|y| fit.source_y(y) < picture.1));
        }
    }

    #[test]
    fn window_places_become_picture_places() {
        let fit = Fit::new((1920, 1080), (960, 960));
        assert_eq!(fit.to_picture((0.0, 210.0)), (0.0, 0.0));
        assert_eq!(fit.to_picture((480.0, 480.0)), (960.0, 540.0));
        assert!(fit.to_picture((0.0, 0.0)).1 < 0.0);
    }
}
