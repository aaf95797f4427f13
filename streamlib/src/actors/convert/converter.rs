//! A conversion, for any actor that needs pictures in another format.

use std::fmt;

use super::matrix::Coding;
use super::pass::{self, Work};
use super::rows::{Band, Field, Source, Target};
use super::way::{Ends, Way};
use crate::actors::bands::Splitter;
use crate::message::VideoFrame;
use crate::{Error, Result};

/// Writes a picture in another pixel format, matrix and range.
///
/// A result is right to 0.6 of a code beside the exact one, whatever the formats: it is one of the two codes
/// nearest to it. A colour difference is the mean of the pixels that share it, and stands for all of them. Alpha
/// stays between formats that have it, and is dropped or 255 elsewhere. Codes of 10 bits in limited range are
/// kept in 4 to 1019, unless they are only moved from one format to another.
///
/// Transfer and primaries are not converted: nothing is done about them but to carry their names. The two
/// fields of an interlaced 4:2:0 picture are converted each by itself, if the height is a multiple of 4.
///
/// It keeps what it found out about the formats, and works in 20 kB of its own; after
/// [`new`](Self::new) it allocates nothing.
///
/// ```
/// use streamlib::actors::Converter;
/// use streamlib::message::{PixelFormat, VideoFrame};
///
/// let white = VideoFrame::from_pixels(PixelFormat::Rgb8, 2, 1, [255; 6])?;
/// let mut out = VideoFrame::new(PixelFormat::Uyvy, 2, 1)?;
/// Converter::new().convert(&white, &mut out)?;
/// assert_eq!(out.pixels(), [128, 235, 128, 235]);
/// # Ok::<(), streamlib::Error>(())
/// ```
pub struct Converter {
    way: Option<(Ends, Way)>,
    /// As many as there ever were bands.
    works: Vec<Box<Work>>,
}

impl Converter {
    /// A converter for all formats.
    #[must_use]
    pub fn new() -> Self {
        Self {
            way: None,
            works: vec![Box::new(Work::new())],
        }
    }

    /// Writes the picture `from` into `to`, whose format and colorimetry say what it is to become: call
    /// [`reset`](VideoFrame::reset) on it before, and where the default is not meant,
    /// [`set_colorimetry`](VideoFrame::set_colorimetry). All else that is told of `from` is taken over
    /// ([`inherit`](VideoFrame::inherit)).
    ///
    /// # Errors
    /// [`Error::Invalid`] when the two are not of one size.
    pub fn convert(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()> {
        self.convert_in_bands(from, to, &mut Splitter::default())
    }

    /// The same in as many bands as the splitter says, to the same bits.
    pub(in crate::actors) fn convert_in_bands(
        &mut self,
        from: &VideoFrame,
        to: &mut VideoFrame,
        splitter: &mut Splitter,
    ) -> Result<()> {
        if from.dimensions() != to.dimensions() {
            let (width, height) = from.dimensions();
            return Err(Error::invalid(
                "picture to be converted",
                format_args!("{width} × {height} pixels"),
                format!(
                    "{} × {} pixels, as the one that is written; scale it before",
                    to.width(),
                    to.height()
                ),
            ));
        }
        let ends = Ends {
            from: (from.format(), from.colorimetry()),
            to: (to.format(), to.colorimetry()),
        };
        to.inherit(from);
        if self.way.as_ref().is_none_or(|(known, _)| *known != ends) {
            self.way = None;
        }
        let (_, way) = self.way.get_or_insert_with(|| (ends, Way::new(&ends)));
        if matches!(way, Way::Copy) {
            copy(from, to);
            return Ok(());
        }
        while self.works.len() < splitter.bands() {
            self.works.push(Box::new(Work::new()));
        }
        for field in fields(from, to).into_iter().flatten() {
            let zero = Coding::new(from.format(), from.colorimetry()).zero();
            let source = Source {
                format: from.format(),
                planes: [0, 1, 2].map(|index| from.plane(index)),
                neutral: zero[2] as i16,
                field,
            };
            let width = to.width() as usize;
            let bands = Target::of(to, field).bands(splitter.bands());
            let mut works = self.works.iter_mut();
            let mut bands = bands.map(|band| Some((band?, works.next()?)));
            let count = bands.iter().flatten().count();
            splitter.each(&mut bands[..count], |band| {
                if let Some((Band { rows, to }, work)) = band {
                    pass::convert(way, work, rows.clone(), &source, to, width);
                }
            });
        }
        Ok(())
    }
}

/// Copies the pixels, row by row, since their strides may differ.
pub(in crate::actors) fn copy(from: &VideoFrame, to: &mut VideoFrame) {
    for (from, mut to) in from.planes().zip(to.planes_mut()) {
        for (from, to) in from.rows().zip(to.rows_mut()) {
            to.copy_from_slice(from);
        }
    }
}

/// What is converted by itself: the whole picture, or one field and then the other.
fn fields(from: &VideoFrame, to: &VideoFrame) -> [Option<Field>; 2] {
    let rows = from.height() as usize;
    let shared = |frame: &VideoFrame| frame.format().subsampling().1 > 1;
    let apart = from.field_order().is_interlaced()
        && (shared(from) || shared(to))
        && rows.is_multiple_of(4);
    if !apart {
        return [
            Some(Field {
                first: 0,
                step: 1,
                rows,
            }),
            None,
        ];
    }
    [0, 1].map(|first| {
        Some(Field {
            first,
            step: 2,
            rows: rows / 2,
        })
    })
}

impl Default for Converter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Converter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = self.way.as_ref().map(|(ends, _)| ends);
        f.debug_struct("Converter")
            .field("ends", &ends)
            .finish_non_exhaustive()
    }
}
