//! How text looks, and how much room it takes.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use vello_cpu::Glyph;
use vello_cpu::peniko::FontData;

use super::{Color, Paint};

/// How text looks: the font that is shipped with streamlib (Inter) in white, unless told otherwise.
///
/// ```
/// use streamlib::actors::drawing::{Align, Color, TextStyle};
///
/// let name = TextStyle::new(48.0).bold();
/// let clock = TextStyle::new(32.0).tabular().align(Align::Right).paint(Color::rgb(255, 200, 0));
/// ```
///
/// A character that a font has no glyph for is taken from the shipped font, then from those given to
/// [`Drawing::font`](super::Drawing::font), then from the system's.
#[derive(Clone, Debug)]
pub struct TextStyle {
    pub(super) size: f32,
    pub(super) family: Option<Arc<str>>,
    pub(super) weight: f32,
    pub(super) italic: bool,
    pub(super) tabular: bool,
    pub(super) line_height: f32,
    pub(super) max_width: Option<f32>,
    pub(super) align: Align,
    pub(super) paint: Paint,
}

/// Where lines of text lie, seen from the point that they are drawn at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// To the right of it: it is their left end.
    #[default]
    Left,
    /// Their middles lie on it.
    Center,
    /// To the left of it: it is their right end.
    Right,
}

/// The room that text takes, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextSize {
    /// Of the longest line, without the space at its end.
    pub width: f32,
    /// Of all lines.
    pub height: f32,
    /// From the top to the line that the letters of the first line stand on.
    pub baseline: f32,
}

impl TextStyle {
    /// Text of this size: pixels an em, from 1 to 2048.
    #[must_use]
    pub fn new(size: f32) -> Self {
        Self {
            size: within(1.0, 2048.0, size),
            family: None,
            weight: 400.0,
            italic: false,
            tabular: false,
            line_height: 1.2,
            max_width: None,
            align: Align::Left,
            paint: Color::WHITE.into(),
        }
    }

    /// In the font family of this name, if there is one: of those given to the drawing, or of the system's.
    #[must_use]
    pub fn family(mut self, name: impl Into<Arc<str>>) -> Self {
        self.family = Some(name.into());
        self
    }

    /// Bold: weight 700.
    #[must_use]
    pub fn bold(self) -> Self {
        self.weight(700.0)
    }

    /// How bold, from 1 to 1000: 400 is regular, 700 is bold. The font that comes nearest is taken.
    #[must_use]
    pub fn weight(mut self, weight: f32) -> Self {
        self.weight = within(1.0, 1000.0, weight);
        self
    }

    /// Italic; slanted, where the family has no italic font.
    #[must_use]
    pub fn italic(mut self) -> Self {
        self.italic = true;
        self
    }

    /// With digits that are all of one width, so that a clock stands still.
    #[must_use]
    pub fn tabular(mut self) -> Self {
        self.tabular = true;
        self
    }

    /// From line to line, as a multiple of the size; 1.2 unless told otherwise.
    #[must_use]
    pub fn line_height(mut self, times: f32) -> Self {
        self.line_height = within(0.1, 10.0, times);
        self
    }

    /// Broken into lines that are no wider than this, where there is a place to break them. Without, only a line feed
    /// begins a line.
    #[must_use]
    pub fn max_width(mut self, pixels: f32) -> Self {
        self.max_width = Some(pixels.max(0.0));
        self
    }

    /// On which side of the point that it is drawn at.
    #[must_use]
    pub fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    /// What it is painted with.
    #[must_use]
    pub fn paint(mut self, paint: impl Into<Paint>) -> Self {
        self.paint = paint.into();
        self
    }

    /// Everything that decides where glyphs lie.
    pub(super) fn hash_shape(&self, hasher: &mut impl Hasher) {
        self.size.to_bits().hash(hasher);
        self.family.hash(hasher);
        self.weight.to_bits().hash(hasher);
        (self.italic, self.tabular, self.align).hash(hasher);
        self.line_height.to_bits().hash(hasher);
        self.max_width.map(f32::to_bits).hash(hasher);
    }

    pub(super) fn has_shape_of(&self, other: &Self) -> bool {
        self.size == other.size
            && self.family == other.family
            && self.weight == other.weight
            && (self.italic, self.tabular, self.align) == (other.italic, other.tabular, other.align)
            && self.line_height == other.line_height
            && self.max_width == other.max_width
    }
}

/// `value`, or the nearest that may be; the least for what is no number.
pub(super) fn within(least: f32, most: f32, value: f32) -> f32 {
    if value > least {
        value.min(most)
    } else {
        least
    }
}

/// Text as glyphs in their places; the point that it is drawn at is the origin.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub runs: Vec<GlyphRun>,
    pub size: TextSize,
    /// How far lines reach to the left of the origin.
    pub left: f32,
    /// The size of the letters: no glyph is drawn that lies further outside.
    pub margin: f32,
}

/// Glyphs of one font.
#[derive(Debug)]
pub(super) struct GlyphRun {
    pub font: FontData,
    pub size: f32,
    pub glyphs: Vec<Glyph>,
    /// Where a variable font is on its axes.
    pub coords: Vec<i16>,
    /// Degrees.
    pub slant: Option<f32>,
    pub embolden: bool,
}

impl GlyphRun {
    /// Without a glyph.
    pub fn of(font: FontData) -> Self {
        Self {
            font,
            size: 0.0,
            glyphs: Vec::new(),
            coords: Vec::new(),
            slant: None,
            embolden: false,
        }
    }
}
