//! The fonts that there are, and text shaped with them.

use std::sync::Arc;

use fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::{
    FontContext, FontFamily, FontFamilyName, FontFeature, FontFeatures, FontStyle, FontWeight,
    Layout, LayoutContext, LineHeight, StyleProperty,
};

use super::text::TextStyle;
use crate::{Error, Result};

/// The family that is shipped.
const SHIPPED: &str = "Inter";
const FILES: [&[u8]; 2] = [
    include_bytes!("../../../fonts/Inter-Regular.otf"),
    include_bytes!("../../../fonts/Inter-Bold.otf"),
];

/// So many families are looked through for a text without a list on the heap.
const FAMILIES: usize = 8;

/// The shipped font, those that were given, and once they were needed, those of the system.
pub(super) struct Fonts {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    /// The shipped family, and those that were given.
    families: Vec<String>,
    has_system: bool,
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
            has_system: false,
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
        Ok(())
    }

    /// Whether there is a family of this name, as far as is known.
    pub fn has(&mut self, family: &str) -> bool {
        self.fonts.collection.family_id(family).is_some()
    }

    /// Whether the system's fonts are among them already.
    pub fn has_system(&self) -> bool {
        self.has_system
    }

    /// It takes a while, and most drawings need none of them.
    #[cold]
    pub fn find_system(&mut self) {
        self.has_system = true;
        self.fonts.collection.load_system_fonts();
    }

    /// Lays text out in lines, in the memory of an earlier layout.
    pub fn shape(&mut self, text: &str, style: &TextStyle, layout: &mut Layout<()>) {
        let wanted = style.family.as_deref().into_iter();
        let names = wanted.chain(self.families.iter().map(String::as_str));
        let mut few = [const { FontFamilyName::named("") }; FAMILIES];
        let many: Vec<_>;
        let families = if self.families.len() < FAMILIES {
            let count = few
                .iter_mut()
                .zip(names)
                .map(|(to, name)| *to = FontFamilyName::named(name));
            let count = count.count();
            &few[..count]
        } else {
            many = names.map(FontFamilyName::named).collect();
            &many[..]
        };
        let mut builder = self
            .layouts
            .ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(FontFamily::from(families));
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
        builder.build_into(layout, text);
        layout.break_all_lines(style.max_width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shaped_with_no_font_installed() {
        // Nothing has looked for those of the system, so it is as where there are none.
        let (mut fonts, mut layout) = (Fonts::new(), Layout::new());
        fonts.shape("Café, 12:34 — Ångström", &TextStyle::new(32.0), &mut layout);
        assert!(!fonts.has_system());
        let glyphs: Vec<_> = layout
            .lines()
            .flat_map(|line| line.items())
            .filter_map(|item| match item {
                parley::PositionedLayoutItem::GlyphRun(run) => Some(run),
                parley::PositionedLayoutItem::InlineBox(_) => None,
            })
            .flat_map(|run| run.glyphs().map(|glyph| glyph.id).collect::<Vec<_>>())
            .collect();
        assert_eq!(glyphs.len(), 22);
        assert!(!glyphs.contains(&0), "0 is what stands for a missing glyph");
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
}
