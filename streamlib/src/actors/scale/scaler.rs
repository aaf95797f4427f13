//! Scaling, for any actor that needs pictures in another size.

use std::fmt;

use super::alpha;
use super::passes::{self, Scale};
use super::weights::{BITS, Filter, Weights};
use super::window::Window;
use crate::actors::convert::converter::copy;
use crate::actors::convert::matrix::Coding;
use crate::actors::convert::rgb_in::Order;
use crate::actors::convert::rows::{Field, Source, Target, is_packed};
use crate::actors::convert::tile::{Line, SLACK, TILE, Tile};
use crate::actors::convert::{rgb_out, rgb_planes};
use crate::message::{PixelAspect, PixelFormat, VideoFrame};
use crate::{Error, Result};

/// Writes a picture in another size.
///
/// A result is right to 0.7 of a code beside the exact sum of the [`Filter`]'s weights. Each plane is scaled by itself;
/// with alpha, colours count by it, so that what cannot be seen leaves no trace. The two fields of an interlaced
/// picture are scaled each by itself, if the heights are even (multiples of 4 for 4:2:0).
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
    work: Box<Work>,
}

/// What the weights were made for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sizes {
    format: PixelFormat,
    /// Columns, and rows of a field.
    from: [usize; 2],
    to: [usize; 2],
}

struct Plan {
    sizes: Sizes,
    /// Luma; or red, green, blue and alpha.
    first: Grid,
    /// Colour differences.
    chroma: Option<Grid>,
}

/// Planes of one size.
#[derive(Default)]
struct Grid {
    columns: Weights,
    rows: Weights,
    window: Window,
    /// Weighted sums of rows, plane after plane.
    sums: Vec<i16>,
    row_len: usize,
    offsets: Vec<usize>,
}

impl Grid {
    fn remake(&mut self, filter: Filter, planes: usize, from: [usize; 2], to: [usize; 2]) {
        self.columns.remake(filter, from[0], to[0], 8);
        self.rows.remake(filter, from[1], to[1], 2);
        self.window.remake(planes, from[0], self.rows.taps);
        self.row_len = self.columns.extent().max(from[0]).next_multiple_of(SLACK);
        self.sums.resize(self.row_len * planes, 0);
        self.offsets.clear();
        self.offsets.reserve(self.rows.taps);
    }

    /// Sums up the rows that make row `y`, of all planes; `load` fills in a row of the source.
    fn sum_rows(&mut self, y: usize, shift: u32, mut load: impl FnMut(usize, &mut Window)) {
        let (first, weights) = self.rows.of(y);
        // Those behind the last that counts stand for rows that may not be there.
        let last = first + weights.iter().rposition(|&weight| weight != 0).unwrap_or(0);
        for row in first..=last {
            if self.window.take_in(row) {
                load(row, &mut self.window);
            }
        }
        let width = self
            .window
            .width()
            .next_multiple_of(SLACK)
            .min(self.row_len);
        for (plane, sums) in self.sums.chunks_exact_mut(self.row_len).enumerate() {
            self.offsets.clear();
            let rows = (first..first + weights.len()).map(|row| row.min(last));
            self.offsets
                .extend(rows.map(|row| self.window.offset(plane, row)));
            let samples = self.window.samples();
            passes::rows(samples, &self.offsets, weights, &mut sums[..width], shift);
        }
    }

    /// `out.len()` samples of the result, from sample `x` on.
    fn sum_columns(&self, plane: usize, x: usize, out: &mut [i16], scale: &Scale) {
        let sums = &self.sums[plane * self.row_len..][..self.row_len];
        passes::columns(sums, &self.columns, x, out, scale);
    }
}

struct Work {
    tile: Tile,
    alpha: Line,
}

impl Scaler {
    /// A scaler for all formats.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            plan: None,
            work: Box::new(Work {
                tile: Tile::new(),
                alpha: [0; TILE + SLACK],
            }),
        }
    }

    /// Writes the picture `from` into `to`, whose size says what it is to become: call
    /// [`reset`](VideoFrame::reset) on it before. The colorimetry and all else that is told of `from` is taken
    /// over; the pixel aspect becomes what keeps the picture's shape.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the two are not of one format, or one of them is empty.
    pub fn scale(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()> {
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
            let (format, mut planes) = (to.format(), to.planes_mut());
            let mut target = Target {
                format,
                planes: [planes.next(), planes.next(), planes.next()],
                field: to_field,
            };
            let filter = self.filter;
            let plan = self.plan.get_or_insert_with(|| Plan::new(filter, sizes));
            if plan.sizes != sizes {
                plan.remake(filter, sizes);
            }
            plan.clear();
            match Order::of(format) {
                Some(order) => plan.scale_rgb(order, &mut self.work, &source, &mut target),
                None => plan.scale_luma(&coding, &mut self.work, &source, &mut target),
            }
        }
        Ok(())
    }
}

impl Plan {
    fn new(filter: Filter, sizes: Sizes) -> Self {
        let mut plan = Self {
            sizes,
            first: Grid::default(),
            chroma: None,
        };
        plan.remake(filter, sizes);
        plan
    }

    /// Makes this the plan for other sizes, in the memory that it has.
    fn remake(&mut self, filter: Filter, sizes: Sizes) {
        self.sizes = sizes;
        let Sizes { format, from, to } = sizes;
        let (columns, rows) = format.subsampling();
        let halves = |[width, height]: [usize; 2]| {
            [
                width.div_ceil(columns as usize),
                height.div_ceil(rows as usize),
            ]
        };
        let planes = if format.is_rgb() {
            format.channels()
        } else {
            1
        };
        self.first.remake(filter, planes, from, to);
        if columns > 1 {
            let chroma = self.chroma.get_or_insert_default();
            chroma.remake(filter, 2, halves(from), halves(to));
        } else {
            self.chroma = None;
        }
    }

    fn clear(&mut self) {
        self.first.window.clear();
        if let Some(chroma) = &mut self.chroma {
            chroma.window.clear();
        }
    }

    fn scale_rgb(&mut self, order: Order, work: &mut Work, from: &Source<'_>, to: &mut Target<'_>) {
        let has_alpha = order.step == 4;
        // Colours that are weighed by alpha have their fraction from the beginning on.
        let (shift, fraction) = if has_alpha {
            (BITS, 0)
        } else {
            (BITS - FRACTION_OF_8, FRACTION_OF_8)
        };
        let scale = Scale::new(fraction, 0, if has_alpha { i16::MAX } else { 255 });
        let (grid, [width, rows]) = (&mut self.first, self.sizes.to);
        for y in 0..rows {
            let tile = &mut work.tile;
            grid.sum_rows(y, shift, |row, window| {
                load_rgb(order, row, from, tile, window)
            });
            for x in (0..width).step_by(TILE) {
                let count = TILE.min(width - x);
                for (plane, line) in work.tile.lines.iter_mut().enumerate() {
                    grid.sum_columns(plane, x, &mut line[..count], &scale);
                }
                let bytes = to.row(0, y, x * order.step);
                if has_alpha {
                    grid.sum_columns(3, x, &mut work.alpha[..count], &scale);
                    let lines = work.tile.lines.each_mut().map(|line| &mut line[..count]);
                    alpha::weigh_back(lines, &mut work.alpha[..count]);
                }
                rgb_out::each(order, &work.tile, bytes, count);
                if has_alpha {
                    let pixels = bytes.chunks_exact_mut(4).zip(&work.alpha[..count]);
                    pixels.for_each(|(pixel, &alpha)| pixel[3] = alpha as u8);
                }
            }
        }
    }

    fn scale_luma(
        &mut self,
        coding: &Coding,
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let fraction = if coding.bits == 10 {
            FRACTION_OF_10
        } else {
            FRACTION_OF_8
        };
        let (low, high) = coding.limits();
        let (shift, scale) = (BITS - fraction, Scale::new(fraction, low, high));
        let [width, rows] = self.sizes.to;
        let shared = from.format.subsampling().1 as usize;
        let packed = is_packed(from.format);
        for y in 0..rows {
            let Self { first, chroma, .. } = self;
            let tile = &mut work.tile;
            first.sum_rows(y, shift, |row, window| {
                load_luma(row, from, tile, window, chroma.as_mut().filter(|_| packed));
            });
            let with_chroma = y.is_multiple_of(shared);
            if let Some(chroma) = chroma.as_mut().filter(|_| with_chroma) {
                let tile = &mut work.tile;
                chroma.sum_rows(y / shared, shift, |row, window| {
                    if !packed {
                        load_chroma(row, from, tile, window);
                    }
                });
            }
            for x in (0..width).step_by(TILE) {
                let count = TILE.min(width - x);
                let [luma, u, v] = &mut work.tile.lines;
                first.sum_columns(0, x, &mut luma[..count], &scale);
                if let Some(chroma) = chroma.as_ref().filter(|_| with_chroma) {
                    let half = count.div_ceil(2);
                    chroma.sum_columns(0, x / 2, &mut u[..half], &scale);
                    chroma.sum_columns(1, x / 2, &mut v[..half], &scale);
                }
                to.pack_luma(y, x, count, &work.tile);
                if with_chroma {
                    to.pack_rest(y, x, count, &mut work.tile);
                }
            }
        }
    }
}

/// How many bits the sums of rows have behind the point, so that they fit into 16 with some room above.
const FRACTION_OF_8: u32 = alpha::FRACTION;
const FRACTION_OF_10: u32 = 4;

fn load_rgb(order: Order, y: usize, from: &Source<'_>, tile: &mut Tile, window: &mut Window) {
    let width = window.width();
    for x in (0..width).step_by(TILE) {
        let count = TILE.min(width - x);
        let pixels = from.row(0, y, x * order.step);
        rgb_planes::unpack(order, pixels, tile, count);
        if order.step == 4 {
            let alphas = &mut window.row_mut(3, y)[x..x + count];
            alpha::weigh(
                pixels,
                tile.lines.each_mut().map(|line| &mut line[..count]),
                alphas,
            );
        }
        for (plane, line) in tile.lines.iter().enumerate() {
            window.row_mut(plane, y)[x..x + count].copy_from_slice(&line[..count]);
        }
    }
}

/// Fills in a row of luma, and of colour where both are in one plane.
fn load_luma(
    y: usize,
    from: &Source<'_>,
    tile: &mut Tile,
    window: &mut Window,
    mut chroma: Option<&mut Grid>,
) {
    let width = window.width();
    for x in (0..width).step_by(TILE) {
        let count = TILE.min(width - x);
        from.unpack_luma(y, x, count, tile);
        window.row_mut(0, y)[x..x + count].copy_from_slice(&tile.lines[0][..count]);
        if let Some(chroma) = &mut chroma {
            let half = count.div_ceil(2);
            for (plane, line) in tile.lines[1..].iter().enumerate() {
                let row = chroma.window.row_mut(plane, y);
                row[x / 2..x / 2 + half].copy_from_slice(&line[..half]);
            }
        }
    }
}

fn load_chroma(y: usize, from: &Source<'_>, tile: &mut Tile, window: &mut Window) {
    let width = window.width();
    for x in (0..width).step_by(TILE) {
        let count = TILE.min(width - x);
        from.unpack_chroma(y, x, count, tile);
        for (plane, line) in tile.lines[1..].iter().enumerate() {
            window.row_mut(plane, y)[x..x + count].copy_from_slice(&line[..count]);
        }
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
