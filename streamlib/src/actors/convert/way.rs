//! Which way a conversion goes, found once for a pair of formats and colours.

use super::affine::{Affine, Row};
use super::matrix::{Coding, affine};
use super::rgb_in::Order;
use crate::message::{Colorimetry, PixelFormat};

/// From what to what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ends {
    pub from: (PixelFormat, Colorimetry),
    pub to: (PixelFormat, Colorimetry),
}

/// How the samples of a picture become those of another.
pub(super) enum Way {
    /// The bytes are the same.
    Copy,
    /// Red, green and blue in another order, with alpha or without.
    Swap { from: Order, to: Order },
    /// The same in another range.
    RgbRange {
        from: Order,
        to: Order,
        rows: [Row; 3],
    },
    /// Red, green and blue to luma; `chroma` is for the sum of four.
    FromRgb {
        from: Order,
        luma: Row,
        chroma: [Row; 2],
    },
    /// Luma to red, green and blue.
    ToRgb { to: Order, rows: [Row; 3] },
    /// Luma to luma of the same matrix: each sample by itself; `chroma` is for one, and for the sum of two.
    Rescale { luma: Row, chroma: [[Row; 2]; 2] },
    /// Luma to luma of another matrix; `chroma` is for the sum of four.
    Remix { luma: Row, chroma: [Row; 2] },
}

impl Way {
    pub fn new(ends: &Ends) -> Self {
        let from = Coding::new(ends.from.0, ends.from.1);
        let to = Coding::new(ends.to.0, ends.to.1);
        let orders = (Order::of(ends.from.0), Order::of(ends.to.0));
        let same = from.same_samples(&to) && from.full_range == to.full_range;
        if same && ends.from.0 == ends.to.0 {
            return Self::Copy;
        }
        let affine = affine(&from, &to);
        let rows = [0, 1, 2].map(|index| affine.row(index, 0));
        match orders {
            (Some(from), Some(to)) if same => Self::Swap { from, to },
            (Some(from), Some(to)) => Self::RgbRange { from, to, rows },
            (Some(from), None) => Self::FromRgb {
                from,
                luma: rows[0],
                chroma: chroma(&affine, 2),
            },
            (None, Some(to)) => Self::ToRgb { to, rows },
            (None, None) if from.same_samples(&to) => Self::Rescale {
                luma: rows[0],
                chroma: [0, 1].map(|doublings| chroma(&affine, doublings)),
            },
            (None, None) => Self::Remix {
                luma: rows[0],
                chroma: chroma(&affine, 2),
            },
        }
    }
}

fn chroma(affine: &Affine, doublings: u32) -> [Row; 2] {
    [1, 2].map(|index| affine.row(index, doublings))
}
