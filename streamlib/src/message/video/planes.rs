//! The planes of a picture: their bytes, row by row.

use std::mem;

use super::VideoFrame;
use super::layout::PlaneLayout;

/// One plane of a picture, for reading: rows of bytes, with or without gaps between them.
///
/// ```
/// use streamlib::message::{PixelFormat, VideoFrame};
///
/// let frame = VideoFrame::new(PixelFormat::I420, 5, 3)?;
/// let sizes: Vec<_> = frame.planes().map(|plane| (plane.row_len(), plane.rows().len())).collect();
/// assert_eq!(sizes, [(5, 3), (3, 2), (3, 2)]);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    bytes: &'a [u8],
    stride: usize,
    row_len: usize,
}

impl<'a> Plane<'a> {
    /// All bytes of the plane, gaps included: [`stride`](Self::stride) for each row.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Bytes from the start of a row to the start of the next.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes of a row that mean something.
    #[must_use]
    pub fn row_len(&self) -> usize {
        self.row_len
    }

    /// The bytes of row `y`, from 0 at the top; `None` below the last.
    #[must_use]
    pub fn row(&self, y: usize) -> Option<&'a [u8]> {
        let start = y.checked_mul(self.stride)?;
        let row = self.bytes.get(start..)?.get(..self.row_len)?;
        (!row.is_empty()).then_some(row)
    }

    /// The bytes of each row, from the top down.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + DoubleEndedIterator + use<'a> {
        let row_len = self.row_len;
        self.bytes
            .chunks_exact(self.stride.max(1))
            .map(move |row| &row[..row_len])
    }
}

/// One plane of a picture, for writing.
#[derive(Debug)]
pub struct PlaneMut<'a> {
    bytes: &'a mut [u8],
    stride: usize,
    row_len: usize,
}

impl<'a> PlaneMut<'a> {
    /// All bytes of the plane, gaps included: [`stride`](Self::stride) for each row.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// The same for as long as the frame is borrowed.
    #[must_use]
    pub fn into_bytes(self) -> &'a mut [u8] {
        self.bytes
    }

    /// Its first `rows` rows, of which it has nothing from now on.
    pub(crate) fn take_rows(&mut self, rows: usize) -> Self {
        let end = rows.saturating_mul(self.stride).min(self.bytes.len());
        let (bytes, rest) = mem::take(&mut self.bytes).split_at_mut(end);
        self.bytes = rest;
        Self { bytes, ..*self }
    }

    /// Bytes from the start of a row to the start of the next.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes of a row that mean something.
    #[must_use]
    pub fn row_len(&self) -> usize {
        self.row_len
    }

    /// The bytes of row `y`, from 0 at the top; `None` below the last.
    #[must_use]
    pub fn row_mut(&mut self, y: usize) -> Option<&mut [u8]> {
        let start = y.checked_mul(self.stride)?;
        let row = self.bytes.get_mut(start..)?.get_mut(..self.row_len)?;
        (!row.is_empty()).then_some(row)
    }

    /// The bytes of each row, from the top down.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [u8]> + DoubleEndedIterator {
        let row_len = self.row_len;
        self.bytes
            .chunks_exact_mut(self.stride.max(1))
            .map(move |row| &mut row[..row_len])
    }
}

/// The planes.
impl VideoFrame {
    /// The planes, in the order that [`PixelFormat`](super::PixelFormat) tells; none for an empty frame.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = Plane<'_>> {
        self.layout
            .planes()
            .iter()
            .map(|plane| self.plane_at(plane))
    }

    /// Plane `index`, from 0; `None` behind the last.
    #[must_use]
    pub fn plane(&self, index: usize) -> Option<Plane<'_>> {
        self.layout
            .planes()
            .get(index)
            .map(|plane| self.plane_at(plane))
    }

    fn plane_at(&self, plane: &PlaneLayout) -> Plane<'_> {
        Plane {
            bytes: &self.buffer[plane.offset..][..plane.len()],
            stride: plane.stride,
            row_len: plane.row_len(),
        }
    }

    /// The planes for writing, all at a time; see [`pixels_mut`](Self::pixels_mut).
    ///
    /// ```
    /// use streamlib::message::{PixelFormat, VideoFrame};
    ///
    /// let mut frame = VideoFrame::new(PixelFormat::I420, 64, 36)?;
    /// for (mut plane, level) in frame.planes_mut().zip([16, 128, 128]) {
    ///     plane.bytes_mut().fill(level); // black
    /// }
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    ///
    /// # Panics
    /// As [`pixels_mut`](Self::pixels_mut).
    pub fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneMut<'_>> {
        let mut rest = self.buffer.make_mut();
        self.layout.planes().iter().map(move |plane| {
            let (bytes, behind) = mem::take(&mut rest).split_at_mut(plane.len());
            rest = behind;
            PlaneMut {
                bytes,
                stride: plane.stride,
                row_len: plane.row_len(),
            }
        })
    }

    /// Whether no plane has gaps between its rows, so that [`pixels`](Self::pixels) is nothing but
    /// picture.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        let mut planes = self.layout.planes().iter();
        planes.all(|plane| plane.stride == plane.row_len())
    }
}
