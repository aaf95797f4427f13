//! Where the planes of a picture lie in its bytes.

/// The most planes that a format has: Y, U, V, A.
const MAX_PLANES: usize = 4;

/// One plane: `rows` rows of `columns` groups of `group` bytes. A group is what repeats along a row: a
/// pixel of Rgb8, a sample of a planar format, two pixels of a packed 4:2:2 one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plane {
    /// Bytes from the start of the picture.
    pub offset: usize,
    /// Bytes from a row to the next.
    pub stride: usize,
    pub rows: usize,
    pub columns: usize,
    pub group: usize,
}

impl Plane {
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
}

/// The planes of a picture, one after the other, held in place so that a frame needs no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    planes: [Plane; MAX_PLANES],
    /// Bytes of the whole picture.
    pub len: usize,
}

impl Layout {
    pub fn new(planes: &[Plane]) -> Self {
        let mut layout = Self::default();
        for (place, plane) in layout.planes.iter_mut().zip(planes) {
            *place = Plane {
                offset: layout.len,
                ..*plane
            };
            layout.len += plane.stride * plane.rows;
        }
        layout
    }

    /// The first plane: all of a packed picture, the luma of a planar one.
    pub fn first(&self) -> &Plane {
        &self.planes[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_each_other() {
        // As 4:2:0 will be.
        let layout = Layout::new(&[
            Plane::packed(6, 4, 1),
            Plane::packed(3, 2, 1),
            Plane::packed(3, 2, 1),
        ]);
        assert_eq!(layout.planes.map(|plane| plane.offset), [0, 24, 30, 0]);
        assert_eq!(layout.len, 36);
    }
}
