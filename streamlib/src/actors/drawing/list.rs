//! What a drawing consists of: shapes in order, what each is painted with, and where it can be seen.

use std::sync::Arc;

use vello_cpu::kurbo::{Affine, BezPath, Point, Rect, Shape as _};

use super::area::Area;
use super::text::Laid;
use super::{Image, Paint};

/// Further away than this, in pixels, nothing is drawn: it would only cost time.
const FAR: f64 = 1e6;

/// Shapes and groups of shapes, in the order in which they cover each other.
#[derive(Debug, Default)]
pub(super) struct List {
    entries: Vec<Entry>,
    /// The outlines of entries; what is beyond `outlines` is memory for later.
    paths: Vec<BezPath>,
    outlines: usize,
    /// The groups that are open: where each began, and what can be seen in it.
    open: Vec<(usize, Area)>,
    whole: Area,
}

/// One step of drawing.
#[derive(Debug)]
pub(super) struct Entry {
    pub step: Step,
    /// Where it can be seen; of a group's ends, where what is in it can be.
    pub area: Area,
}

#[derive(Debug)]
pub(super) enum Step {
    Shape {
        shape: Shape,
        paint: Paint,
        transform: Affine,
    },
    Image {
        image: Image,
        rect: Rect,
        transform: Affine,
    },
    /// What follows is seen inside of an outline alone.
    Clip { path: usize, transform: Affine },
    /// What follows is drawn together, and then covers only by this.
    Fade(f32),
    /// The end of the innermost group, which began at that entry.
    End(usize),
}

#[derive(Debug)]
pub(super) enum Shape {
    Rect(Rect),
    Fill(usize),
    Stroke { path: usize, width: f64 },
    Text(Arc<Laid>),
}

impl List {
    /// Takes everything off, and keeps the memory.
    pub fn clear(&mut self, width: u32, height: u32) {
        self.entries.clear();
        self.outlines = 0;
        self.open.clear();
        self.whole = Area::whole(width, height);
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn path(&self, index: usize) -> &BezPath {
        &self.paths[index]
    }

    /// What can be seen of what is drawn next.
    fn visible(&self) -> Area {
        self.open.last().map_or(self.whole, |&(_, area)| area)
    }

    fn push(&mut self, step: Step, area: Area) {
        self.entries.push(Entry { step, area });
    }

    /// Where `rect` can be seen; `None` where it cannot.
    fn seen(&self, rect: Rect, transform: Affine) -> Option<Area> {
        let rect = transform.transform_rect_bbox(rect);
        let edges = [rect.x0, rect.y0, rect.x1, rect.y1];
        if !edges.iter().all(|edge| edge.abs() <= FAR) {
            return None; // a NaN too
        }
        let area = self.visible().around(rect);
        (!area.is_empty()).then_some(area)
    }

    fn keep(&mut self, path: &BezPath) -> usize {
        let index = self.outlines;
        if index == self.paths.len() {
            self.paths.push(BezPath::new());
        }
        let kept = &mut self.paths[index];
        kept.truncate(0);
        kept.extend(path.iter());
        self.outlines += 1;
        index
    }

    pub fn fill_rect(&mut self, rect: Rect, paint: Paint, transform: Affine) {
        if let Some(area) = self.seen(rect.abs(), transform) {
            let shape = Shape::Rect(rect.abs());
            self.push(
                Step::Shape {
                    shape,
                    paint,
                    transform,
                },
                area,
            );
        }
    }

    pub fn fill(&mut self, path: &BezPath, paint: Paint, transform: Affine) {
        if let Some(area) = self.seen(path.control_box(), transform) {
            let shape = Shape::Fill(self.keep(path));
            self.push(
                Step::Shape {
                    shape,
                    paint,
                    transform,
                },
                area,
            );
        }
    }

    pub fn stroke(&mut self, path: &BezPath, width: f64, paint: Paint, transform: Affine) {
        // A mitre reaches as far as four times half the width.
        let room = path.control_box().inflate(2.0 * width, 2.0 * width);
        let is_line = width > 0.0 && path.elements().len() > 1;
        if let (true, Some(area)) = (is_line, self.seen(room, transform)) {
            let path = self.keep(path);
            let shape = Shape::Stroke { path, width };
            self.push(
                Step::Shape {
                    shape,
                    paint,
                    transform,
                },
                area,
            );
        }
    }

    pub fn text(&mut self, at: Point, text: Arc<Laid>, paint: Paint, transform: Affine) {
        let (size, margin) = (text.size, f64::from(text.margin));
        let room = Rect::from_origin_size(
            (-f64::from(text.left), 0.0),
            (f64::from(size.width), f64::from(size.height)),
        );
        let transform = transform * Affine::translate(at.to_vec2());
        if let Some(area) = self.seen(room.inflate(margin, margin), transform) {
            let shape = Shape::Text(text);
            self.push(
                Step::Shape {
                    shape,
                    paint,
                    transform,
                },
                area,
            );
        }
    }

    pub fn image(&mut self, image: Image, rect: Rect, transform: Affine) {
        if let Some(area) = self.seen(rect, transform)
            && rect.area() > 0.0
        {
            self.push(
                Step::Image {
                    image,
                    rect,
                    transform,
                },
                area,
            );
        }
    }

    /// Begins a group that is seen inside of `path` alone.
    pub fn clip(&mut self, path: &BezPath, transform: Affine) {
        let area = self.seen(path.bounding_box(), transform);
        let path = self.keep(path);
        self.begin(Step::Clip { path, transform }, area.unwrap_or(Area::EMPTY));
    }

    /// Begins a group that covers only by `opacity`.
    pub fn fade(&mut self, opacity: f32) {
        let visible = if opacity > 0.0 {
            self.visible()
        } else {
            Area::EMPTY
        };
        self.begin(Step::Fade(opacity), visible);
    }

    fn begin(&mut self, step: Step, visible: Area) {
        self.open.push((self.entries.len(), visible));
        self.push(step, Area::EMPTY);
    }

    /// Ends the innermost group.
    pub fn end(&mut self) {
        let Some((begin, _)) = self.open.pop() else {
            return;
        };
        let areas = self.entries[begin + 1..].iter().map(|entry| entry.area);
        let area = areas.fold(Area::EMPTY, Area::join);
        if area.is_empty() {
            self.entries.truncate(begin); // nothing of it is seen
            return;
        }
        self.entries[begin].area = area;
        self.push(Step::End(begin), area);
    }

    /// Whether entry `index` looks like entry `theirs` of `other`, when everything before and in it does.
    pub fn looks_like(&self, index: usize, other: &Self, theirs: usize) -> bool {
        let path = |ours: usize, theirs: usize| {
            self.paths[ours].elements() == other.paths[theirs].elements()
        };
        match (&self.entries[index].step, &other.entries[theirs].step) {
            (
                Step::Shape {
                    shape: ours,
                    paint,
                    transform,
                },
                Step::Shape {
                    shape: theirs,
                    paint: their_paint,
                    transform: their_transform,
                },
            ) => {
                paint == their_paint
                    && transform == their_transform
                    && match (ours, theirs) {
                        (Shape::Rect(ours), Shape::Rect(theirs)) => ours == theirs,
                        (Shape::Fill(ours), Shape::Fill(theirs)) => path(*ours, *theirs),
                        (
                            Shape::Stroke { path: ours, width },
                            Shape::Stroke {
                                path: theirs,
                                width: their_width,
                            },
                        ) => width == their_width && path(*ours, *theirs),
                        (Shape::Text(ours), Shape::Text(theirs)) => Arc::ptr_eq(ours, theirs),
                        _ => false,
                    }
            }
            (
                Step::Image {
                    image,
                    rect,
                    transform,
                },
                Step::Image {
                    image: their_image,
                    rect: their_rect,
                    transform: their_transform,
                },
            ) => image == their_image && rect == their_rect && transform == their_transform,
            (
                Step::Clip {
                    path: ours,
                    transform,
                },
                Step::Clip {
                    path: theirs,
                    transform: their_transform,
                },
            ) => transform == their_transform && path(*ours, *theirs),
            (Step::Fade(ours), Step::Fade(theirs)) => ours == theirs,
            (Step::End(_), Step::End(_)) => true,
            _ => false,
        }
    }
}
