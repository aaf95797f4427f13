//! Text laid out as glyphs in their places, and remembered while it is drawn.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parley::{Layout, PositionedLayoutItem};
use vello_cpu::Glyph;

use super::fonts::Fonts;
use super::text::{Align, GlyphRun, Laid, TextSize, TextStyle};
use crate::Result;

/// Text that was not drawn on so many ticks is forgotten.
const REMEMBERED: u64 = 120;
/// How many texts that are forgotten are kept for their memory: as many as may be new on a tick.
const SPARE: usize = 64;

/// Lays out text with the fonts that there are.
pub(super) struct Typesetter {
    fonts: Fonts,
    layout: Layout<()>,
    hasher: RandomState,
    known: HashMap<u64, Known>,
    spare: Vec<Known>,
    /// Counts ticks.
    now: u64,
}

struct Known {
    text: String,
    style: TextStyle,
    laid: Arc<Laid>,
    used: u64,
}

impl Typesetter {
    pub fn new() -> Self {
        Self {
            fonts: Fonts::new(),
            layout: Layout::new(),
            hasher: RandomState::new(),
            known: HashMap::new(),
            spare: Vec::new(),
            now: 0,
        }
    }

    /// Takes the fonts of a file.
    ///
    /// # Errors
    /// When there is none in it.
    pub fn add_font(&mut self, file: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<()> {
        self.known.clear();
        self.fonts.add(file)
    }

    /// A tick has come: forgets what was not drawn for long.
    pub fn tick(&mut self) {
        self.now += 1;
        let now = self.now;
        let is_old = |_: &u64, known: &mut Known| now - known.used > REMEMBERED;
        for (_, known) in self.known.extract_if(is_old) {
            if self.spare.len() < SPARE {
                self.spare.push(known);
            }
        }
    }

    /// Text in its place; the same again while it is drawn.
    pub fn lay(&mut self, text: &str, style: &TextStyle) -> Arc<Laid> {
        let mut hasher = self.hasher.build_hasher();
        std::hash::Hash::hash(text, &mut hasher);
        style.hash_shape(&mut hasher);
        let key = std::hash::Hasher::finish(&hasher);
        if let Some(known) = self.known.get_mut(&key)
            && known.text == text
            && known.style.has_shape_of(style)
        {
            known.used = self.now;
            return Arc::clone(&known.laid);
        }
        let mut known = self.spare.pop().unwrap_or_else(Known::nothing);
        known.text.clear();
        known.text.push_str(text);
        known.style = style.clone();
        known.used = self.now;
        match Arc::get_mut(&mut known.laid) {
            Some(laid) => self.lay_anew(text, style, laid),
            None => {
                // The last drawing but one still has it.
                let mut laid = Laid::default();
                self.lay_anew(text, style, &mut laid);
                known.laid = Arc::new(laid);
            }
        }
        let laid = Arc::clone(&known.laid);
        self.known.insert(key, known);
        laid
    }

    fn lay_anew(&mut self, text: &str, style: &TextStyle, laid: &mut Laid) {
        if let Some(family) = &style.family
            && !self.fonts.has(family)
        {
            self.fonts.find_system();
        }
        self.fonts.shape(text, style, &mut self.layout);
        place(&self.layout, style, laid);
        let has_gaps = |run: &GlyphRun| run.glyphs.iter().any(|glyph| glyph.id == 0);
        if !self.fonts.has_system() && laid.runs.iter().any(has_gaps) {
            self.fonts.find_system();
            self.fonts.shape(text, style, &mut self.layout);
            place(&self.layout, style, laid);
        }
    }
}

impl Known {
    /// Memory for one.
    fn nothing() -> Self {
        Self {
            text: String::new(),
            style: TextStyle::new(1.0),
            laid: Arc::default(),
            used: 0,
        }
    }
}

/// Makes of `laid` the glyphs of a layout, aligned.
fn place(layout: &Layout<()>, style: &TextStyle, laid: &mut Laid) {
    let (mut width, mut left) = (0.0_f32, 0.0_f32);
    let mut count = 0;
    for line in layout.lines() {
        let metrics = line.metrics();
        let advance = metrics.advance - metrics.hanging_advance;
        let shift = match style.align {
            Align::Left => 0.0,
            Align::Center => -advance / 2.0,
            Align::Right => -advance,
        };
        width = width.max(advance);
        left = left.max(-shift);
        for item in line.items() {
            let PositionedLayoutItem::GlyphRun(from) = item else {
                continue;
            };
            let run = from.run();
            let (font, synthesis) = (run.font().clone(), run.synthesis());
            if count == laid.runs.len() {
                laid.runs.push(GlyphRun::of(font));
            } else {
                laid.runs[count].font = font;
            }
            let to = &mut laid.runs[count];
            count += 1;
            to.size = run.font_size();
            to.slant = synthesis.skew();
            to.embolden = synthesis.embolden();
            to.glyphs.clear();
            to.glyphs
                .extend(from.positioned_glyphs().map(|glyph| Glyph {
                    id: glyph.id,
                    x: glyph.x + shift,
                    y: glyph.y,
                }));
            to.coords.clear();
            let coords = run.normalized_coords().iter();
            to.coords.extend(coords.map(|coord| coord.to_bits()));
        }
    }
    laid.runs.truncate(count);
    laid.size = TextSize {
        width,
        height: layout.height(),
        baseline: layout.first_baseline().unwrap_or(0.0),
    };
    (laid.left, laid.margin) = (left, style.size);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_font_has_the_letters_of_labels_and_both_weights() {
        let mut typesetter = Typesetter::new();
        for weight in [400.0, 700.0] {
            let style = TextStyle::new(20.0).weight(weight);
            let text = "Ada Lovelace, 10 %: Zażółć gęślą jaźń – Ξεσκεπάζω – Съешь ещё «→» 12:34";
            let laid = typesetter.lay(text, &style);
            assert!(
                laid.runs
                    .iter()
                    .flat_map(|run| &run.glyphs)
                    .all(|glyph| glyph.id != 0)
            );
            assert!(
                laid.runs.iter().all(|run| !run.embolden),
                "there is a bold font"
            );
        }
        assert!(!typesetter.fonts.has_system(), "no other font was needed");
    }

    #[test]
    fn text_is_laid_out_once_while_it_is_drawn() {
        let mut typesetter = Typesetter::new();
        let style = TextStyle::new(20.0);
        let first = typesetter.lay("streamlib", &style);
        for _ in 0..REMEMBERED {
            typesetter.tick();
        }
        let red = style.clone().paint(super::super::Color::BLACK);
        assert!(Arc::ptr_eq(&first, &typesetter.lay("streamlib", &red)));
        assert!(!Arc::ptr_eq(
            &first,
            &typesetter.lay("streamlib", &style.bold())
        ));
        for _ in 0..=REMEMBERED {
            typesetter.tick();
        }
        assert!(typesetter.known.is_empty());
    }

    #[test]
    fn tabular_digits_are_of_one_width() {
        let mut typesetter = Typesetter::new();
        let mut width = |text: &str, style: &TextStyle| typesetter.lay(text, style).size.width;
        let plain = TextStyle::new(100.0);
        assert_ne!(width("1111", &plain), width("0000", &plain));
        let tabular = plain.tabular();
        assert_eq!(width("1111", &tabular), width("0000", &tabular));
    }

    #[test]
    fn lines_are_broken_and_aligned() {
        let mut typesetter = Typesetter::new();
        let style = TextStyle::new(20.0);
        let one = typesetter.lay("one two", &style).size;
        let two = typesetter
            .lay("one two", &style.clone().max_width(one.width * 0.7))
            .size;
        assert_eq!(two.height, 2.0 * one.height);
        assert!(two.width < one.width && two.baseline == one.baseline);

        let right = typesetter.lay("one two", &style.align(Align::Right));
        let ends = right.runs.iter().flat_map(|run| &run.glyphs);
        assert!(ends.clone().all(|glyph| glyph.x < 0.0) && ends.count() == 7);
        assert_eq!((right.left, right.size.width), (one.width, one.width));
    }

    #[test]
    fn any_text_can_be_laid_out() {
        let mut typesetter = Typesetter::new();
        for text in [
            "",
            "\n",
            "\0\u{1}",
            "\u{202e}abc",
            "e\u{301}\u{301}\u{301}",
            "🏳️‍🌈",
            "שלום عالم",
            "\u{10ffff}",
        ] {
            typesetter.lay(text, &TextStyle::new(f32::NAN).max_width(f32::NAN));
            typesetter.lay(text, &TextStyle::new(f32::INFINITY).max_width(0.0));
        }
    }

    #[test]
    fn the_memory_of_text_that_was_forgotten_is_used_again() {
        let mut typesetter = Typesetter::new();
        let style = TextStyle::new(20.0);
        let fresh = |text: &str| Typesetter::new().lay(text, &TextStyle::new(20.0));
        for number in 0..3 * REMEMBERED {
            typesetter.tick();
            let text = format!("{number}\n{}", "+".repeat(number as usize % 7));
            let laid = typesetter.lay(&text, &style);
            if number % 100 == 0 {
                let glyphs = |laid: &Laid| {
                    let runs = laid.runs.iter().map(|run| format!("{:?}", run.glyphs));
                    (runs.collect::<Vec<_>>(), laid.size)
                };
                assert_eq!(glyphs(&laid), glyphs(&fresh(&text)));
            }
        }
        assert!(typesetter.known.len() as u64 <= REMEMBERED + 1);
    }
}
