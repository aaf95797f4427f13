//! Scaling, for any actor that needs pictures in another size.

use std::fmt;

use super::plan::{Plan, Sizes};
use super::weights::Filter;
use crate::actors::bands::Splitter;
use crate::actors::convert::converter::copy;
use crate::actors::convert::matrix::Coding;
use crate::actors::convert::rows::{Field, Source, Target};
use crate::message::{PixelAspect, VideoFrame};
use crate::{Error, Result};

/// Writes a picture in another size.
///
/// A result is right to 0.7 of a code (of 10 bits, to one; with alpha, colour and alpha each) beside the exact sum of the
/// [`Filter`]'s weights. Each plane is scaled by itself; with alpha, colours count by it, so that what cannot be seen leaves no
/// trace. The two fields of an interlaced picture are scaled each by itself, if the heights are even (multiples of 4 for 4:2:0).
///
/// It keeps the weights for the sizes that it had last, and some rows; it allocates when they are more than they ever were,
/// as a picture that becomes larger from frame to frame may make them, and never otherwise.
///
/// ```
/// use streamlib::actors::{Filter, Scaler};
/// use streamlib::message::{PixelFormat, VideoFrame};
///
/// let checks = VideoFrame::from_pixels(PixelFormat::Gray8, 4, 2, [0, 100, 0, 100, 100, 0, 100, 0])?;
/// let mut small = VideoFrame::new(PixelFormat::Gray8, 1, 1)?;
/// Scaler::new(Filter::Bilinear).scale(&checks, &mut small)?;
/// assert_eq!(small.pixels(), [50]);
/// # Ok::<(), streamlib::Error>(())
/// ```
pub struct Scaler {
    filter: Filter,
    plan: Option<Plan>,
}

impl Scaler {
    /// A scaler for all formats.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        Self { filter, plan: None }
    }

    /// Writes the picture `from` into `to`, whose size says what it is to become: call
    /// [`reset`](VideoFrame::reset) on it before. The colorimetry and all else that is told of `from` is taken
    /// over; the pixel aspect becomes what keeps the picture's shape.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the two are not of one format, or one of them is empty.
    pub fn scale(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()> {
        self.scale_in_bands(from, to, &mut Splitter::default())
    }

    /// The same in as many bands as the splitter says, to the same bits.
    pub(in crate::actors) fn scale_in_bands(
        &mut self,
        from: &VideoFrame,
        to: &mut VideoFrame,
        splitter: &mut Splitter,
    ) -> Result<()> {
        if from.format() != to.format() || from.is_empty() || to.is_empty() {
            return Err(Error::invalid(
                "picture to be scaled",
                format_args!(
                    "{} × {} pixels of {}",
                    from.width(),
                    from.height(),
                    from.format()
                ),
                format!(
                    "a picture of {}, as the one that is written; convert it before",
                    to.format()
                ),
            ));
        }
        to.inherit(from);
        to.set_colorimetry(from.colorimetry());
        to.set_pixel_aspect(kept_shape(from, to));
        if from.dimensions() == to.dimensions() {
            copy(from, to);
            return Ok(());
        }
        for [from_field, to_field] in fields(from, to).into_iter().flatten() {
            let sizes = Sizes {
                format: from.format(),
                from: [from.width() as usize, from_field.rows],
                to: [to.width() as usize, to_field.rows],
            };
            let source = Source {
                format: from.format(),
                planes: [0, 1, 2].map(|index| from.plane(index)),
                neutral: 0,
                field: from_field,
            };
            let coding = Coding::new(from.format(), from.colorimetry());
            let filter = self.filter;
            let plan = self.plan.get_or_insert_with(|| Plan::new(filter, sizes));
            if plan.sizes != sizes {
                plan.remake(filter, sizes);
            }
            let bands = Target::of(to, to_field).bands(splitter.bands());
            plan.scale(&coding, &source, bands, splitter);
        }
        Ok(())
    }
}

/// The pixel shape in which the picture keeps its own.
fn kept_shape(from: &VideoFrame, to: &VideoFrame) -> PixelAspect {
    let aspect = from.pixel_aspect();
    let width = u64::from(aspect.width()) * u64::from(from.width()) * u64::from(to.height());
    let height = u64::from(aspect.height()) * u64::from(from.height()) * u64::from(to.width());
    let (mut divisor, mut rest) = (width, height);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let part = |whole: u64| u32::try_from(whole / divisor.max(1)).ok();
    match (part(width), part(height)) {
        (Some(width), Some(height)) => PixelAspect::new(width, height).unwrap_or_default(),
        _ => PixelAspect::SQUARE,
    }
}

/// What is scaled by itself: the whole picture, or one field and then the other.
fn fields(from: &VideoFrame, to: &VideoFrame) -> [Option<[Field; 2]>; 2] {
    let both = [from, to].map(|frame| frame.height() as usize);
    let group = if from.format().subsampling().1 > 1 {
        4
    } else {
        2
    };
    if !from.field_order().is_interlaced() || both.iter().any(|rows| !rows.is_multiple_of(group)) {
        return [
            Some(both.map(|rows| Field {
                first: 0,
                step: 1,
                rows,
            })),
            None,
        ];
    }
    [0, 1].map(|first| {
        Some(both.map(|rows| Field {
            first,
            step: 2,
            rows: rows / 2,
        }))
    })
}

impl Default for Scaler {
    fn default() -> Self {
        Self::new(Filter::default())
    }
}

impl fmt::Debug for Scaler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.plan.as_ref().map(|plan| plan.sizes);
        f.debug_struct("Scaler")
            .field("filter", &self.filter)
            .field("sizes", &sizes)
            .finish_non_exhaustive()
    }
}
