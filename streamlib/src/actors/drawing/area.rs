//! Parts of the picture, in whole pixels.

use vello_cpu::kurbo::Rect;

/// Areas begin and end at multiples of this, so that the renderer's tiles lie the same in a part as in the whole.
const GRID: u32 = 16;

/// A part of the picture: from `left` to before `right`, from `top` to before `bottom`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

impl Area {
    pub const EMPTY: Self = Self {
        left: 0,
        top: 0,
        right: 0,
        bottom: 0,
    };

    /// A whole picture.
    pub fn whole(width: u32, height: u32) -> Self {
        Self {
            left: 0,
            top: 0,
            right: width,
            bottom: height,
        }
    }

    /// The part of `self` that the pixels of `rect` and those beside them touch.
    pub fn around(self, rect: Rect) -> Self {
        // A NaN becomes 0, and what is far away the nearest edge.
        let low = |edge: f64| (edge.floor() - 1.0).max(0.0) as u32 / GRID * GRID;
        let high = |edge: f64| {
            ((edge.ceil() + 1.0).max(0.0) as u32)
                .checked_next_multiple_of(GRID)
                .unwrap_or(u32::MAX)
        };
        if rect.x1 <= rect.x0 || rect.y1 <= rect.y0 {
            return Self::EMPTY;
        }
        let touched = Self {
            left: low(rect.x0),
            top: low(rect.y0),
            right: high(rect.x1),
            bottom: high(rect.y1),
        };
        self.meet(touched)
    }

    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    pub fn width(self) -> u32 {
        self.right.saturating_sub(self.left)
    }

    pub fn height(self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }

    pub fn pixels(self) -> u64 {
        u64::from(self.width()) * u64::from(self.height())
    }

    /// What both have.
    pub fn meet(self, other: Self) -> Self {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        if both.is_empty() { Self::EMPTY } else { both }
    }

    /// The smallest area that has both in it.
    pub fn join(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub fn meets(self, other: Self) -> bool {
        !self.meet(other).is_empty()
    }
}

/// How many areas are kept apart.
const APART: usize = 8;

/// Some areas, none of which meets another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Areas {
    areas: Vec<Area>,
}

impl Areas {
    pub fn clear(&mut self) {
        self.areas.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Area> + '_ {
        self.areas.iter().copied()
    }

    pub fn pixels(&self) -> u64 {
        self.iter().map(Area::pixels).sum()
    }

    /// Takes one more, joined with those that it meets, or with the one that grows least when there are too many.
    pub fn add(&mut self, mut area: Area) {
        if area.is_empty() {
            return;
        }
        while let Some(met) = self.areas.iter().position(|&known| known.meets(area)) {
            area = area.join(self.areas.swap_remove(met));
        }
        if self.areas.len() < APART {
            self.areas.push(area);
            return;
        }
        let growth = |known: &Area| known.join(area).pixels() - known.pixels();
        let nearest = (0..APART).min_by_key(|&index| growth(&self.areas[index]));
        if let Some(nearest) = nearest {
            let joined = self.areas.swap_remove(nearest).join(area);
            self.add(joined); // it may meet others now
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area() -> impl Strategy<Value = Area> {
        (0_u32..200, 0_u32..200, 0_u32..40, 0_u32..40).prop_map(|(left, top, width, height)| Area {
            left,
            top,
            right: left + width,
            bottom: top + height,
        })
    }

    proptest! {
        #[test]
        fn areas_cover_all_that_was_added_and_do_not_meet(added in prop::collection::vec(area(), 0..40)) {
            let mut areas = Areas::default();
            added.iter().for_each(|&area| areas.add(area));
            let kept: Vec<_> = areas.iter().collect();
            prop_assert!(kept.len() <= APART);
            for (index, area) in kept.iter().enumerate() {
                prop_assert!(kept[index + 1..].iter().all(|other| !area.meets(*other)));
            }
            for area in added.iter().filter(|area| !area.is_empty()) {
                prop_assert!(kept.iter().any(|kept| kept.meet(*area) == *area));
            }
        }

        #[test]
        fn an_area_has_in_it_what_it_is_around(x in -1e6..1e6_f64, y in -1e6..1e6_f64, w in 0.1..1e6_f64, h in 0.1..1e6_f64) {
            let rect = Rect::new(x, y, x + w, y + h);
            let whole = Area::whole(1000, 500);
            let around = whole.around(rect);
            let inside = rect.intersect(Rect::new(0.0, 0.0, 1000.0, 500.0));
            if inside.area() > 0.0 {
                prop_assert!(f64::from(around.left) <= inside.x0 && f64::from(around.right) >= inside.x1);
                prop_assert!(f64::from(around.top) <= inside.y0 && f64::from(around.bottom) >= inside.y1);
            }
            prop_assert_eq!(whole.meet(around), around);
        }
    }

    #[test]
    fn what_is_no_rectangle_is_no_area() {
        let whole = Area::whole(100, 100);
        for edge in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let around = whole.around(Rect::new(edge, edge, edge, edge));
            assert!(around.width() <= 100 && around.height() <= 100);
        }
        assert!(whole.around(Rect::new(5.0, 5.0, 5.0, 9.0)).is_empty());
    }
}
