//! Which sample of the source is where in the result.

use super::{Transformation, Turn};

/// The part of a source that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// Sample (x, y) of the result is sample `origin + x · right + y · down` of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    origin: (isize, isize),
    right: (isize, isize),
    down: (isize, isize),
    pub width: usize,
    pub height: usize,
}

impl Mapping {
    pub fn new(part: Part, how: &Transformation) -> Self {
        let (width, height) = (part.width as isize, part.height as isize);
        // Within the part, of the top left corner; and the steps to the right and down.
        let (corner, right, down) = match how.turn {
            Turn::Not => ((0, 0), (1, 0), (0, 1)),
            Turn::Right => ((0, height - 1), (0, -1), (1, 0)),
            Turn::Half => ((width - 1, height - 1), (-1, 0), (0, -1)),
            Turn::Left => ((width - 1, 0), (0, 1), (-1, 0)),
        };
        let flipped = |flip: bool, at: isize, len: isize| if flip { len - 1 - at } else { at };
        let sign = |flip: bool| if flip { -1 } else { 1 };
        let (h, v) = (how.flip_horizontal, how.flip_vertical);
        let turned = |step: (isize, isize)| (step.0 * sign(h), step.1 * sign(v));
        let (width, height) = if how.turn.is_quarter() {
            (part.height, part.width)
        } else {
            (part.width, part.height)
        };
        Self {
            origin: (
                part.x as isize + flipped(h, corner.0, part.width as isize),
                part.y as isize + flipped(v, corner.1, part.height as isize),
            ),
            right: turned(right),
            down: turned(down),
            width,
            height,
        }
    }

    /// The column and the row of the source.
    pub fn at(&self, x: usize, y: usize) -> (usize, usize) {
        let (x, y) = (x as isize, y as isize);
        (
            (self.origin.0 + x * self.right.0 + y * self.down.0) as usize,
            (self.origin.1 + x * self.right.1 + y * self.down.1) as usize,
        )
    }

    /// Whether rows stay rows, from left to right.
    pub fn keeps_rows(&self) -> bool {
        self.right == (1, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_where_they_belong() {
        let part = Part {
            x: 10,
            y: 20,
            width: 3,
            height: 2,
        };
        let corners = |turn, flip_horizontal, flip_vertical| {
            let how = Transformation {
                crop: None,
                flip_horizontal,
                flip_vertical,
                turn,
            };
            let map = Mapping::new(part, &how);
            (
                map.at(0, 0),
                map.at(map.width - 1, 0),
                map.at(0, map.height - 1),
            )
        };
        let (top_left, top_right) = ((10, 20), (12, 20));
        let (bottom_left, bottom_right) = ((10, 21), (12, 21));
        assert_eq!(
            corners(Turn::Not, false, false),
            (top_left, top_right, bottom_left)
        );
        assert_eq!(
            corners(Turn::Right, false, false),
            (bottom_left, top_left, bottom_right)
        );
        assert_eq!(
            corners(Turn::Half, false, false),
            (bottom_right, bottom_left, top_right)
        );
        assert_eq!(
            corners(Turn::Left, false, false),
            (top_right, bottom_right, top_left)
        );
        assert_eq!(
            corners(Turn::Not, true, false),
            (top_right, top_left, bottom_right)
        );
        // Flipped first, then turned.
        assert_eq!(
            corners(Turn::Right, true, false),
            (bottom_right, top_right, bottom_left)
        );
    }
}
