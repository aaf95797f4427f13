//! The pass over a picture: row by row of the result, in one band or in several.

use std::ops::Range;

use super::grid::{Grid, GridRoom};
use super::passes::{FRACTION, Scale};
use super::pixels::{PixelRoom, Pixels};
use super::weights::{BITS, Filter};
use super::window::Window;
use crate::actors::bands::{MOST, Splitter};
use crate::actors::convert::matrix::Coding;
use crate::actors::convert::rows::{Band, Source, Target, is_packed};
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
    /// What the bands of a picture are worked on in, as many as there ever were.
    rooms: Vec<Room>,
}

/// What a band is worked on in.
struct Room {
    pixels: PixelRoom,
    luma: GridRoom,
    chroma: GridRoom,
    tile: Box<Tile>,
}

impl Plan {
    pub fn new(filter: Filter, sizes: Sizes) -> Self {
        let mut plan = Self {
            sizes,
            pixels: Pixels::default(),
            luma: Grid::default(),
            chroma: Grid::default(),
            rooms: Vec::new(),
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
        } else {
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
        for index in 0..self.rooms.len() {
            self.make_room(index);
        }
    }

    /// Makes room `index` large enough.
    fn make_room(&mut self, index: usize) {
        let Some(room) = self.rooms.get_mut(index) else {
            return;
        };
        let format = self.sizes.format;
        if format.is_rgb() {
            room.pixels.remake(&self.pixels);
            return;
        }
        room.luma.remake(&self.luma);
        if format.subsampling().0 > 1 {
            room.chroma.remake(&self.chroma);
        }
    }

    /// Scales the bands of a picture, or of a field of it.
    pub fn scale(
        &mut self,
        coding: &Coding,
        from: &Source<'_>,
        bands: [Option<Band<'_>>; MOST],
        splitter: &mut Splitter,
    ) {
        let count = bands.iter().flatten().count();
        while self.rooms.len() < count {
            self.rooms.push(Room {
                pixels: PixelRoom::default(),
                luma: GridRoom::default(),
                chroma: GridRoom::default(),
                tile: Box::new(Tile::new()),
            });
            self.make_room(self.rooms.len() - 1);
        }
        let mut rooms = std::mem::take(&mut self.rooms);
        let mut free = rooms.iter_mut();
        let mut parts = bands.map(|band| Some((band?, free.next()?)));
        splitter.each(&mut parts[..count], |part| {
            if let Some((Band { rows, to }, room)) = part {
                self.scale_band(coding, rows.clone(), room, from, to);
            }
        });
        self.rooms = rooms;
    }

    fn scale_band(
        &self,
        coding: &Coding,
        rows: Range<usize>,
        room: &mut Room,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        if from.format.is_rgb() {
            self.pixels.scale(rows, &mut room.pixels, from, to);
        } else if is_packed(from.format) {
            self.scale_packed(coding, rows, room, from, to);
        } else {
            self.scale_planes(rows, room, from, to);
        }
    }

    fn scale_planes(
        &self,
        rows: Range<usize>,
        room: &mut Room,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let [line, ..] = &mut room.tile.lines;
        for y in rows.clone() {
            let out = to.row(0, y, 0);
            self.luma
                .scale_bytes(y, &mut room.luma, (from, 0), out, line);
        }
        let shared = from.format.subsampling().1 as usize;
        let rows = rows.start / shared..rows.end.div_ceil(shared);
        match from.format {
            PixelFormat::I420 => {
                for (y, plane) in rows.flat_map(|y| [(y, 1), (y, 2)]) {
                    let out = to.row(plane, y, 0);
                    self.chroma
                        .scale_bytes(y, &mut room.chroma, (from, plane), out, line);
                }
            }
            PixelFormat::Nv12 => self.scale_colour_in_turn(rows, room, from, to),
            _ => {}
        }
    }

    /// The plane of NV12 in which both colour differences are.
    fn scale_colour_in_turn(
        &self,
        rows: Range<usize>,
        room: &mut Room,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let (grid, [width, _]) = (&self.chroma, self.sizes.to);
        let Room { chroma, tile, .. } = room;
        let scale = Scale::new(FRACTION, 0, 255);
        chroma.clear();
        for y in rows {
            grid.sum_rows(y, chroma, BITS - FRACTION, |row, window| {
                load_chroma(row, from, tile, window);
            });
            for x in (0..width).step_by(TILE) {
                let count = TILE.min(width - x);
                let [_, u, v] = &mut tile.lines;
                let half = count.div_ceil(2);
                grid.sum_columns(chroma, 0, x / 2, &mut u[..half], &scale);
                grid.sum_columns(chroma, 1, x / 2, &mut v[..half], &scale);
                to.pack_rest(2 * y, x, count, tile);
            }
        }
    }

    /// Luma and colour in one plane, of 8 or 10 bits.
    fn scale_packed(
        &self,
        coding: &Coding,
        rows: Range<usize>,
        room: &mut Room,
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
        let Room {
            luma, chroma, tile, ..
        } = room;
        let [width, _] = self.sizes.to;
        luma.clear();
        chroma.clear();
        for y in rows {
            self.luma.sum_rows(y, luma, shift, |row, window| {
                load_packed(row, from, tile, window, &mut chroma.window);
            });
            // All of it is there: both have the same rows.
            self.chroma.sum_rows(y, chroma, shift, |_, _| {});
            for x in (0..width).step_by(TILE) {
                let count = TILE.min(width - x);
                let half = count.div_ceil(2);
                let [line, u, v] = &mut tile.lines;
                self.luma
                    .sum_columns(luma, 0, x, &mut line[..count], &scale);
                let grid = &self.chroma;
                grid.sum_columns(chroma, 0, x / 2, &mut u[..half], &scale);
                grid.sum_columns(chroma, 1, x / 2, &mut v[..half], &scale);
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
