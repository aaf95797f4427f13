//! The fonts that there are, and text laid out with them, remembered while it is drawn.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::{
    FontContext, FontFamily, FontFamilyName, FontFeature, FontFeatures, FontStyle, FontWeight,
    Layout, LayoutContext, LineHeight, PositionedLayoutItem, StyleProperty,
};
use vello_cpu::Glyph;

use super::text::{Align, GlyphRun, Laid, TextSize, TextStyle};
use crate::{Error, Result};

/// The family that is shipped.
const SHIPPED: &str = "Inter";
const FILES: [&[u8]; 2] = [
    include_bytes!("../../../fonts/Inter-Regular.otf"),
    include_bytes!("../../../fonts/Inter-Bold.otf"),
];

/// Text that was not drawn on so many ticks is forgotten.
const REMEMBERED: u64 = 120;

/// Fonts, and the text that was laid out with them.
pub(super) struct Fonts {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    /// The shipped family, and those that were given.
    families: Vec<String>,
    hasher: RandomState,
    known: HashMap<u64, Known>,
    /// Counts ticks.
    now: u64,
    system: bool,
}

struct Known {
    text: String,
    style: TextStyle,
    laid: Arc<Laid>,
    used: u64,
}

impl Fonts {
    /// With the font that is shipped. The system's are looked for when something is not in it.
    pub fn new() -> Self {
        let mut fonts = Self {
            fonts: FontContext {
                collection: Collection::new(CollectionOptions {
                    system_fonts: false,
                    ..CollectionOptions::default()
                }),
                source_cache: SourceCache::default(),
            },
            layouts: LayoutContext::new(),
            families: Vec::new(),
            hasher: RandomState::new(),
            known: HashMap::new(),
            now: 0,
            system: false,
        };
        for file in FILES {
            let shipped = fonts.add(file);
            debug_assert!(shipped.is_ok());
        }
        debug_assert_eq!(fonts.families, [SHIPPED]);
        fonts
    }

    /// Takes the fonts of a file.
    ///
    /// # Errors
    /// When there is none in it.
    pub fn add(&mut self, file: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<()> {
        let len = file.as_ref().len();
        let collection = &mut self.fonts.collection;
        let added = collection.register_fonts(Blob::new(Arc::new(file)), None);
        if added.is_empty() {
            return Err(Error::invalid(
                "font",
                format_args!("{len} bytes without a font in them"),
                "the bytes of a TrueType or OpenType file",
            ));
        }
        for (family, _) in added {
            if let Some(name) = collection.family_name(family) {
                let name = name.to_owned();
                if !self.families.contains(&name) {
                    self.families.push(name);
                }
            }
        }
        self.known.clear();
        Ok(())
    }

    /// A tick has come: forgets what was not drawn for long.
    pub fn tick(&mut self) {
        self.now += 1;
        let now = self.now;
        self.known.retain(|_, known| now - known.used <= REMEMBERED);
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
        let laid = Arc::new(self.lay_anew(text, style));
        let known = Known {
            text: text.to_owned(),
            style: style.clone(),
            laid: Arc::clone(&laid),
            used: self.now,
        };
        self.known.insert(key, known);
        laid
    }

    fn lay_anew(&mut self, text: &str, style: &TextStyle) -> Laid {
        let family = style.family.as_deref();
        let is_here = |family| self.fonts.collection.family_id(family).is_some();
        if !family.is_none_or(is_here) {
            self.find_system_fonts();
        }
        let laid = place(&self.shape(text, style), style);
        let has_gaps = |run: &GlyphRun| run.glyphs.iter().any(|glyph| glyph.id == 0);
        if self.system || !laid.runs.iter().any(has_gaps) {
            return laid;
        }
        self.find_system_fonts();
        place(&self.shape(text, style), style)
    }

    /// It takes a while, and most drawings need none of them.
    #[cold]
    fn find_system_fonts(&mut self) {
        self.system = true;
        self.fonts.collection.load_system_fonts();
    }

    fn shape(&mut self, text: &str, style: &TextStyle) -> Layout<()> {
        let families: Vec<_> = style
            .family
            .as_deref()
            .into_iter()
            .chain(self.families.iter().map(String::as_str))
            .map(FontFamilyName::named)
            .collect();
        let mut builder = self
            .layouts
            .ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(FontFamily::from(&families[..]));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::FontWeight(FontWeight::new(style.weight)));
        if style.italic {
            builder.push_default(StyleProperty::FontStyle(FontStyle::Italic));
        }
        builder.push_default(LineHeight::FontSizeRelative(style.line_height));
        let tabular = [FontFeature::new(parley::setting::Tag::new(b"tnum"), 1)];
        if style.tabular {
            builder.push_default(StyleProperty::FontFeatures(FontFeatures::from(
                &tabular[..],
            )));
        }
        let mut layout = builder.build(text);
        layout.break_all_lines(style.max_width);
        layout
    }
}

/// The glyphs of a layout, aligned.
fn place(layout: &Layout<()>, style: &TextStyle) -> Laid {
    let mut runs = Vec::new();
    let (mut width, mut left) = (0.0_f32, 0.0_f32);
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
            let PositionedLayoutItem::GlyphRun(glyphs) = item else {
                continue;
            };
            let run = glyphs.run();
            let synthesis = run.synthesis();
            runs.push(GlyphRun {
                font: run.font().clone(),
                size: run.font_size(),
                glyphs: glyphs
                    .positioned_glyphs()
                    .map(|glyph| Glyph {
                        id: glyph.id,
                        x: glyph.x + shift,
                        y: glyph.y,
                    })
                    .collect(),
                coords: run
                    .normalized_coords()
                    .iter()
                    .map(|coord| coord.to_bits())
                    .collect(),
                slant: synthesis.skew(),
                embolden: synthesis.embolden(),
            });
        }
    }
    Laid {
        runs,
        size: TextSize {
            width,
            height: layout.height(),
            baseline: layout.first_baseline().unwrap_or(0.0),
        },
        left,
        margin: style.size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_font_has_the_letters_of_labels_and_both_weights() {
        let mut fonts = Fonts::new();
        for weight in [400.0, 700.0] {
            let style = TextStyle::new(20.0).weight(weight);
            let text = "Ada Lovelace, 10 %: Zażółć gęślą jaźń – Ξεσκεπάζω – Съешь ещё «→» 12:34";
            let laid = fonts.lay(text, &style);
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
        assert!(!fonts.system, "no other font was needed");
    }

    #[test]
    fn text_is_laid_out_once_while_it_is_drawn() {
        let mut fonts = Fonts::new();
        let style = TextStyle::new(20.0);
        let first = fonts.lay("streamlib", &style);
        for _ in 0..REMEMBERED {
            fonts.tick();
        }
        let red = style.clone().paint(super::super::Color::BLACK);
        assert!(Arc::ptr_eq(&first, &fonts.lay("streamlib", &red)));
        assert!(!Arc::ptr_eq(&first, &fonts.lay("streamlib", &style.bold())));
        for _ in 0..=REMEMBERED {
            fonts.tick();
        }
        assert!(fonts.known.is_empty());
    }

    #[test]
    fn tabular_digits_are_of_one_width() {
        let mut fonts = Fonts::new();
        let mut width = |text: &str, style: &TextStyle| fonts.lay(text, style).size.width;
        let plain = TextStyle::new(100.0);
        assert_ne!(width("1111", &plain), width("0000", &plain));
        let tabular = plain.tabular();
        assert_eq!(width("1111", &tabular), width("0000", &tabular));
    }

    #[test]
    fn lines_are_broken_and_aligned() {
        let mut fonts = Fonts::new();
        let style = TextStyle::new(20.0);
        let one = fonts.lay("one two", &style).size;
        let two = fonts
            .lay("one two", &style.clone().max_width(one.width * 0.7))
            .size;
        assert_eq!(two.height, 2.0 * one.height);
        assert!(two.width < one.width && two.baseline == one.baseline);

        let right = fonts.lay("one two", &style.align(Align::Right));
        let ends = right.runs.iter().flat_map(|run| &run.glyphs);
        assert!(ends.clone().all(|glyph| glyph.x < 0.0) && ends.count() == 7);
        assert_eq!((right.left, right.size.width), (one.width, one.width));
    }

    #[test]
    fn bytes_that_are_no_font_are_refused() {
        let message = Fonts::new()
            .add(b"no font".as_slice())
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("font is 7 bytes without a font in them; expected"),
            "{message}"
        );
    }

    #[test]
    fn any_text_can_be_laid_out() {
        let mut fonts = Fonts::new();
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
            fonts.lay(text, &TextStyle::new(f32::NAN).max_width(f32::NAN));
            fonts.lay(text, &TextStyle::new(f32::INFINITY).max_width(0.0));
        }
    }
}
