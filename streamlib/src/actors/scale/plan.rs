//! The pass over a picture: row by row of the result.

use super::alpha;
use super::grid::Grid;
use super::passes::Scale;
use super::weights::{BITS, Filter};
use super::window::Window;
use crate::actors::convert::matrix::Coding;
use crate::actors::convert::rgb_in::Order;
use crate::actors::convert::rows::{Source, Target, is_packed};
use crate::actors::convert::tile::{Line, SLACK, TILE, Tile};
use crate::actors::convert::{rgb_out, rgb_planes};
use crate::message::PixelFormat;

/// What the weights were made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sizes {
    pub format: PixelFormat,
    /// Columns, and rows of a field.
    pub from: [usize; 2],
    pub to: [usize; 2],
}

pub(super) struct Plan {
    pub sizes: Sizes,
    /// Luma; or red, green, blue and alpha.
    first: Grid,
    /// Colour differences.
    chroma: Option<Grid>,
}

/// What a pass works in.
pub(super) struct Work {
    tile: Tile,
    alpha: Line,
}

impl Work {
    pub fn new() -> Self {
        Self {
            tile: Tile::new(),
            alpha: [0; TILE + SLACK],
        }
    }
}

impl Plan {
    pub fn new(filter: Filter, sizes: Sizes) -> Self {
        let mut plan = Self {
            sizes,
            first: Grid::default(),
            chroma: None,
        };
        plan.remake(filter, sizes);
        plan
    }

    /// Makes this the plan for other sizes, in the memory that it has.
    pub fn remake(&mut self, filter: Filter, sizes: Sizes) {
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
        if format.is_rgb() {
            self.first.remake_packed(filter, planes, from[0], to[0]);
        }
        if columns > 1 {
            let chroma = self.chroma.get_or_insert_default();
            chroma.remake(filter, 2, halves(from), halves(to));
        } else {
            self.chroma = None;
        }
    }

    pub fn clear(&mut self) {
        self.first.clear();
        if let Some(chroma) = &mut self.chroma {
            chroma.clear();
        }
    }

    pub fn scale_rgb(
        &mut self,
        order: Order,
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
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
            if grid.sum_pixels(y, from) {
                grid.pixels(to.row(0, y, 0));
                continue;
            }
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

    pub fn scale_luma(
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
            if packed {
                first.sum_rows(y, shift, |row, window| {
                    load_luma(row, from, tile, window, chroma.as_mut());
                });
            } else {
                first.sum_bytes(0, y, from, 0);
            }
            let with_chroma = y.is_multiple_of(shared);
            if let Some(chroma) = chroma.as_mut().filter(|_| with_chroma) {
                let (y, tile) = (y / shared, &mut work.tile);
                if from.format == PixelFormat::I420 {
                    chroma.sum_bytes(0, y, from, 1);
                    chroma.sum_bytes(1, y, from, 2);
                } else {
                    chroma.sum_rows(y, shift, |row, window| {
                        if !packed {
                            load_chroma(row, from, tile, window);
                        }
                    });
                }
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
