//! Where the planes of a picture lie in its bytes.

use crate::{Error, Result};

/// The most planes that a format has: Y, U, V.
const MAX_PLANES: usize = 3;

/// The most bytes from a row to the next: eight times the widest row that there is.
const MAX_STRIDE: usize = 1 << 20;

/// One plane: `rows` rows of `columns` groups of `group` bytes. A group is what repeats along a row: a
/// pixel of Rgb8, a sample of a planar format, two pixels of a packed 4:2:2 one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PlaneLayout {
    /// Bytes from the start of the picture.
    pub offset: usize,
    /// Bytes from a row to the next.
    pub stride: usize,
    pub rows: usize,
    pub columns: usize,
    pub group: usize,
}

impl PlaneLayout {
    /// Rows without gaps. `Layout::new` says where it starts.
    pub fn packed(columns: usize, rows: usize, group: usize) -> Self {
        Self {
            offset: 0,
            stride: columns * group,
            rows,
            columns,
            group,
        }
    }

    /// Bytes of a row that mean something; the rest of the stride is a gap.
    pub fn row_len(&self) -> usize {
        self.columns * self.group
    }

    /// Bytes of the plane, gaps included.
    pub fn len(&self) -> usize {
        self.stride * self.rows
    }
}

/// The planes of a picture, one after the other, held in place so that a frame needs no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    planes: [PlaneLayout; MAX_PLANES],
    count: usize,
    /// Bytes of the whole picture.
    pub len: usize,
}

impl Layout {
    pub fn new(planes: &[PlaneLayout]) -> Self {
        let mut layout = Self::default();
        for (place, plane) in layout.planes.iter_mut().zip(planes) {
            *place = PlaneLayout {
                offset: layout.len,
                ..*plane
            };
            layout.len += plane.len();
            layout.count += 1;
        }
        layout
    }

    /// The same planes with other strides, one for each plane.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there are more or fewer strides than planes, or one is shorter than a row or
    /// above a MiB.
    pub fn with_strides(&self, strides: &[usize]) -> Result<Self> {
        if strides.len() != self.count {
            return Err(Error::invalid(
                "strides",
                format_args!("{} of them", strides.len()),
                format!("{}, one for each plane of the format", self.count),
            ));
        }
        let mut planes = self.planes;
        for (index, (plane, &stride)) in planes.iter_mut().zip(strides).enumerate() {
            if stride < plane.row_len() || stride > MAX_STRIDE {
                return Err(Error::invalid(
                    format!("stride of plane {index}"),
                    format_args!("{stride} bytes"),
                    format!(
                        "{} bytes, which a row has, to {MAX_STRIDE}",
                        plane.row_len()
                    ),
                ));
            }
            plane.stride = stride;
        }
        Ok(Self::new(&planes[..self.count]))
    }

    /// The planes, in the order in which they lie there.
    pub fn planes(&self) -> &[PlaneLayout] {
        &self.planes[..self.count]
    }

    /// The first plane: all of a packed picture, the luma of a planar one.
    pub fn first(&self) -> &PlaneLayout {
        &self.planes[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn i420(width: usize, height: usize) -> Layout {
        Layout::new(&[
            PlaneLayout::packed(width, height, 1),
            PlaneLayout::packed(width / 2, height / 2, 1),
            PlaneLayout::packed(width / 2, height / 2, 1),
        ])
    }

    fn offsets(layout: &Layout) -> Vec<usize> {
        layout.planes().iter().map(|plane| plane.offset).collect()
    }

    #[test]
    fn planes_follow_each_other() -> Result<()> {
        let layout = i420(6, 4);
        assert_eq!(offsets(&layout), [0, 24, 30]);
        assert_eq!(layout.len, 36);

        let spaced = layout.with_strides(&[8, 4, 3])?;
        assert_eq!(offsets(&spaced), [0, 32, 40]);
        assert_eq!(spaced.len, 46);
        Ok(())
    }

    #[test]
    fn strides_that_cannot_be_are_errors() {
        let layout = i420(6, 4);
        let told = |strides: &[usize]| layout.with_strides(strides).unwrap_err().to_string();
        assert_eq!(
            told(&[6]),
            "strides is 1 of them; expected 3, one for each plane of the format"
        );
        assert_eq!(
            told(&[6, 2, 3]),
            "stride of plane 1 is 2 bytes; expected 3 bytes, which a row has, to 1048576"
        );
        assert!(layout.with_strides(&[usize::MAX, 3, 3]).is_err());
        assert!(layout.with_strides(&[]).is_err());
    }
}
