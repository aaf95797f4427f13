//! A picture to be shown: a view of packed 8-bit RGB or straight-alpha RGBA pixels.

/// `height` rows of `width` pixels of `channels` (3 or 4) bytes.
#[derive(Clone, Copy)]
pub(super) struct Picture<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
    channels: usize,
}

impl<'a> Picture<'a> {
    /// `None` when there is no pixel, or when `pixels` does not hold what the sizes say.
    pub(super) fn new(
        pixels: &'a [u8],
        width: usize,
        height: usize,
        channels: usize,
    ) -> Option<Self> {
        let fits = !pixels.is_empty()
            && matches!(channels, 3 | 4)
            && pixels.len() == width * height * channels;
        fits.then_some(Self {
            pixels,
            width,
            height,
            channels,
        })
    }

    /// Width and height in pixels, neither of them 0.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// The bytes of row `y`.
    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        let stride = self.width * self.channels;
        &self.pixels[y * stride..][..stride]
    }

    /// The colour of a pixel, over black where it is not opaque.
    pub(super) fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        match self.row(y)[x * self.channels..][..self.channels] {
            [r, g, b, alpha] => [r, g, b].map(|level| over_black(level, alpha)),
            [r, g, b] => [r, g, b],
            _ => [0; 3],
        }
    }
}

/// `level · alpha / 255`, to the nearest.
pub(super) fn over_black(level: u8, alpha: u8) -> u8 {
    let product = u16::from(level) * u16::from(alpha) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_no_picture() {
        assert!(Picture::new(&[0; 6], 2, 1, 3).is_some());
        assert!(Picture::new(&[0; 5], 2, 1, 3).is_none());
        assert!(Picture::new(&[], 0, 7, 3).is_none());
    }

    #[test]
    fn alpha_is_shown_over_black() {
        let picture = Picture::new(&[200, 100, 255, 128], 1, 1, 4).unwrap();
        assert_eq!(picture.rgb(0, 0), [100, 50, 128]);
        for level in 0..=255 {
            for alpha in 0..=255 {
                let exact = f64::from(level) * f64::from(alpha) / 255.0;
                assert_eq!(over_black(level, alpha), exact.round() as u8);
            }
        }
    }
}
