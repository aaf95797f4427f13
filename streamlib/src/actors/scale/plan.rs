//! The pass over a picture: row by row of the result.

use super::grid::Grid;
use super::passes::{FRACTION, Scale};
use super::pixels::Pixels;
use super::weights::{BITS, Filter};
use super::window::Window;
use crate::actors::convert::matrix::Coding;
use crate::actors::convert::rows::{Source, Target, is_packed};
use crate::actors::convert::tile::{TILE, Tile};
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
    /// Red, green, blue and alpha side by side.
    pixels: Pixels,
    /// Luma.
    luma: Grid,
    /// Colour differences, where there are any.
    chroma: Grid,
}

impl Plan {
    pub fn new(filter: Filter, sizes: Sizes) -> Self {
        let mut plan = Self {
            sizes,
            pixels: Pixels::default(),
            luma: Grid::default(),
            chroma: Grid::default(),
        };
        plan.remake(filter, sizes);
        plan
    }

    /// Makes this the plan for other sizes, in the memory that it has.
    pub fn remake(&mut self, filter: Filter, sizes: Sizes) {
        self.sizes = sizes;
        let Sizes { format, from, to } = sizes;
        if format.is_rgb() {
            self.pixels.remake(filter, format.channels(), from, to);
            return;
        }
        self.luma.remake(filter, 1, from, to);
        let (columns, rows) = format.subsampling();
        let halves = |[width, height]: [usize; 2]| {
            [
                width.div_ceil(columns as usize),
                height.div_ceil(rows as usize),
            ]
        };
        if columns > 1 {
            self.chroma.remake(filter, 2, halves(from), halves(to));
        }
    }

    pub fn scale(
        &mut self,
        coding: &Coding,
        tile: &mut Tile,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        if from.format.is_rgb() {
            self.pixels.scale(self.sizes.to[1], from, to);
        } else if is_packed(from.format) {
            self.scale_packed(coding, tile, from, to);
        } else {
            self.scale_planes(tile, from, to);
        }
    }

    fn scale_planes(&mut self, tile: &mut Tile, from: &Source<'_>, to: &mut Target<'_>) {
        let Self { luma, chroma, .. } = self;
        let [line, ..] = &mut tile.lines;
        for y in 0..luma.height() {
            luma.scale_bytes(y, (from, 0), to.row(0, y, 0), line);
        }
        match from.format {
            PixelFormat::I420 => {
                for (y, plane) in (0..chroma.height()).flat_map(|y| [(y, 1), (y, 2)]) {
                    chroma.scale_bytes(y, (from, plane), to.row(plane, y, 0), line);
                }
            }
            PixelFormat::Nv12 => self.scale_colour_in_turn(tile, from, to),
            _ => {}
        }
    }

    /// The plane of NV12 in which both colour differences are.
    fn scale_colour_in_turn(&mut self, tile: &mut Tile, from: &Source<'_>, to: &mut Target<'_>) {
        let (chroma, [width, _]) = (&mut self.chroma, self.sizes.to);
        let scale = Scale::new(FRACTION, 0, 255);
        chroma.clear();
        for y in 0..chroma.height() {
            chroma.sum_rows(y, BITS - FRACTION, |row, window| {
                load_chroma(row, from, tile, window);
            });
            for x in (0..width).step_by(TILE) {
                let count = TILE.min(width - x);
                let [_, u, v] = &mut tile.lines;
                let half = count.div_ceil(2);
                chroma.sum_columns(0, x / 2, &mut u[..half], &scale);
                chroma.sum_columns(1, x / 2, &mut v[..half], &scale);
                to.pack_rest(2 * y, x, count, tile);
            }
        }
    }

    /// Luma and colour in one plane, of 8 or 10 bits.
    fn scale_packed(
        &mut self,
        coding: &Coding,
        tile: &mut Tile,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let fraction = if coding.bits == 10 {
            FRACTION_OF_10
        } else {
            FRACTION
        };
        let (low, high) = coding.limits();
        let (shift, scale) = (BITS - fraction, Scale::new(fraction, low, high));
        let Self { luma, chroma, .. } = self;
        let [width, rows] = self.sizes.to;
        luma.clear();
        chroma.clear();
        for y in 0..rows {
            luma.sum_rows(y, shift, |row, window| {
                load_packed(row, from, tile, window, &mut chroma.window);
            });
            // All of it is there: both have the same rows.
            chroma.sum_rows(y, shift, |_, _| {});
            for x in (0..width).step_by(TILE) {
                let count = TILE.min(width - x);
                let half = count.div_ceil(2);
                let [line, u, v] = &mut tile.lines;
                luma.sum_columns(0, x, &mut line[..count], &scale);
                chroma.sum_columns(0, x / 2, &mut u[..half], &scale);
                chroma.sum_columns(1, x / 2, &mut v[..half], &scale);
                to.pack_rest(y, x, count, tile);
            }
        }
    }
}

/// The same as [`FRACTION`] for samples of 10 bits.
const FRACTION_OF_10: u32 = 4;

/// Fills in a row of luma, and of colour.
fn load_packed(
    y: usize,
    from: &Source<'_>,
    tile: &mut Tile,
    luma: &mut Window,
    chroma: &mut Window,
) {
    let width = luma.width();
    for x in (0..width).step_by(TILE) {
        let count = TILE.min(width - x);
        from.unpack_luma(y, x, count, tile);
        luma.row_mut(0, y)[x..x + count].copy_from_slice(&tile.lines[0][..count]);
        let half = count.div_ceil(2);
        for (plane, line) in tile.lines[1..].iter().enumerate() {
            chroma.row_mut(plane, y)[x / 2..x / 2 + half].copy_from_slice(&line[..half]);
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
