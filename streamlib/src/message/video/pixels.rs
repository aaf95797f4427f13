//! The bytes of a picture: as one run, as rows, as an array.

use ndarray::{ArrayView3, ArrayViewMut3, Ix3, ShapeBuilder, StrideShape};

use super::VideoFrame;

/// The pixels.
impl VideoFrame {
    /// The bytes of the picture: plane after plane, rows from the top down, pixels from left to right. There
    /// are no gaps between the rows, unless the frame was made with other
    /// [strides](Self::reset_with_strides) or is V210 of a width that is no multiple of 48 (see
    /// [`is_contiguous`](Self::is_contiguous)).
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.buffer
    }

    /// The bytes of the picture for writing. When somebody else holds them too, this first moves to a
    /// copy of them, in memory from the frame's pool; one who writes all of them anyway calls
    /// [`reset`](Self::reset) before and saves the copying.
    ///
    /// # Panics
    /// As `Vec` does, when a copy is needed and the machine has no memory for it.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        self.buffer.make_mut()
    }

    /// The bytes of row `y` of the first plane, from 0 at the top; `None` below the last.
    #[must_use]
    pub fn row(&self, y: u32) -> Option<&[u8]> {
        let plane = self.layout.first();
        let start = (y < self.height()).then(|| y as usize * plane.stride)?;
        self.buffer.get(start..start + plane.row_len())
    }

    /// The bytes of each row of the first plane, from the top down.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> + DoubleEndedIterator {
        let (plane, stride) = (*self.layout.first(), self.stride().max(1));
        let bytes = &self.buffer[..plane.len()];
        bytes
            .chunks_exact(stride)
            .map(move |row| &row[..plane.row_len()])
    }

    /// The bytes of each row of the first plane for writing, from the top down; see
    /// [`pixels_mut`](Self::pixels_mut).
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [u8]> + DoubleEndedIterator {
        let (plane, stride) = (*self.layout.first(), self.stride().max(1));
        let bytes = &mut self.buffer.make_mut()[..plane.len()];
        bytes
            .chunks_exact_mut(stride)
            .map(move |row| &mut row[..plane.row_len()])
    }

    /// The picture as an array of height × width × channels. Of a planar format this is the first plane; of a
    /// packed 4:2:2 one it is height × groups × bytes of a group, where a group is 2 pixels (6 of V210).
    ///
    /// # Panics
    /// Never: the layout always covers the bytes.
    #[must_use]
    pub fn view(&self) -> ArrayView3<'_, u8> {
        ArrayView3::from_shape(self.shape(), &self.buffer).expect("the layout covers the bytes")
    }

    /// The same array for writing; see [`view`](Self::view) and [`pixels_mut`](Self::pixels_mut).
    ///
    /// # Panics
    /// As [`pixels_mut`](Self::pixels_mut).
    pub fn view_mut(&mut self) -> ArrayViewMut3<'_, u8> {
        let shape = self.shape();
        ArrayViewMut3::from_shape(shape, self.buffer.make_mut())
            .expect("the layout covers the bytes")
    }

    fn shape(&self) -> StrideShape<Ix3> {
        let plane = self.layout.first();
        (plane.rows, plane.columns, plane.group).strides((plane.stride, plane.group, 1))
    }
}
