//! What is under the lowest picture.

/// What is under the lowest layer: one colour, or one at the top that becomes another towards the bottom.
/// Colours are red, green and blue, full range.
///
/// ```
/// use streamlib::prelude::*;
///
/// let mix = Compositor::new(1920, 1080).background(Background::vertical([0, 0, 80], [0, 0, 0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Background {
    top: [u8; 3],
    bottom: [u8; 3],
}

impl Background {
    /// Black, as it is unless something else is said.
    pub const BLACK: Self = Self::color([0; 3]);

    /// One colour.
    #[must_use]
    pub const fn color(rgb: [u8; 3]) -> Self {
        Self {
            top: rgb,
            bottom: rgb,
        }
    }

    /// A vertical gradient: `top` in the first row, `bottom` in the last.
    #[must_use]
    pub const fn vertical(top: [u8; 3], bottom: [u8; 3]) -> Self {
        Self { top, bottom }
    }

    /// The colours of the first row and of the last.
    #[cfg(feature = "gpu")]
    pub(in crate::actors) fn ends(self) -> [[u8; 3]; 2] {
        [self.top, self.bottom]
    }

    /// Red, green and blue of row `y` of `height`, in 1/256 of a level.
    pub(super) fn row(self, y: usize, height: usize) -> [u16; 3] {
        let last = (height.saturating_sub(1)).max(1) as u32;
        let down = (y as u32).min(last);
        std::array::from_fn(|channel| {
            let [top, bottom] = [self.top, self.bottom].map(|color| u32::from(color[channel]) << 8);
            ((top * (last - down) + bottom * down + last / 2) / last) as u16
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_begins_and_ends_with_its_colours() {
        let gradient = Background::vertical([255, 0, 10], [0, 255, 10]);
        for height in [2, 3, 1080, 16_384] {
            assert_eq!(gradient.row(0, height), [255 << 8, 0, 10 << 8]);
            assert_eq!(gradient.row(height - 1, height), [0, 255 << 8, 10 << 8]);
        }
        assert_eq!(gradient.row(0, 1), [255 << 8, 0, 10 << 8]);
        assert_eq!(
            gradient.row(1, 3),
            [127 << 8 | 128, 127 << 8 | 128, 10 << 8]
        );
    }
}
