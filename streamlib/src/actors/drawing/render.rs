//! Paints a part of a drawing, with vello_cpu: the one file that knows how.

use std::sync::Arc;

use vello_cpu::color::{AlphaColor, Srgb};
use vello_cpu::kurbo::{Affine, Cap, Join, Rect, Stroke};
use vello_cpu::peniko::{self, ColorStop, ColorStops, Extend, ImageQuality, ImageSampler};
use vello_cpu::{
    GlyphRunBuilder, Image as VelloImage, ImageSource, PaintType, PixmapMut, RenderContext,
    Resources,
};

use super::area::Area;
use super::list::{List, Shape, Step};
use super::paint::{self, Kind};
use super::straight;
use super::text::GlyphRun;
use super::{Color, Paint};
use crate::message::VideoFrame;

/// The line drawn around letters that have no bold font, in parts of their size.
const EMBOLDEN: f64 = 1.0 / 24.0;

/// What paints, with memory that is used again.
#[derive(Debug)]
pub(super) struct Renderer {
    context: RenderContext,
    resources: Resources,
    /// The pixels of a part of the picture.
    part: Vec<u8>,
}

impl Renderer {
    pub fn new() -> Self {
        Self {
            context: RenderContext::new(1, 1),
            resources: Resources::new(),
            part: Vec::new(),
        }
    }

    /// Gives the pixels of `frame` in `area` what `list` shows there.
    pub fn paint(&mut self, list: &List, area: Area, frame: &mut VideoFrame) {
        self.record(list, area);
        let len = area.pixels() as usize * 4;
        if self.part.len() < len {
            self.part.resize(len, 0);
        }
        let part = &mut self.part[..len];
        let (width, height) = (area.width() as u16, area.height() as u16); // a side has 16384 at most
        let Some(target) = PixmapMut::new(width, height, part) else {
            unreachable!("it has as many bytes as that");
        };
        self.context.flush();
        self.context.render(target, &mut self.resources);

        let (left, row) = (area.left as usize * 4, usize::from(width) * 4);
        let rows = frame.rows_mut().skip(area.top as usize);
        for (to, from) in rows.zip(part.chunks_exact_mut(row)) {
            straight::from_premultiplied(from);
            to[left..left + row].copy_from_slice(from);
        }
    }

    /// Tells vello what is seen in `area`.
    fn record(&mut self, list: &List, area: Area) {
        let context = &mut self.context;
        context.reset_and_resize(area.width() as u16, area.height() as u16);
        let origin = Affine::translate((-f64::from(area.left), -f64::from(area.top)));
        let entries = list.entries();
        let mut index = 0;
        while let Some(entry) = entries.get(index) {
            index += 1;
            let seen = entry.area.meets(area);
            match &entry.step {
                Step::Shape {
                    shape,
                    paint,
                    transform,
                } if seen => {
                    let set = context_paint(paint);
                    let Some(set) = set else { continue };
                    context.set_paint(set);
                    context.set_transform(origin * *transform);
                    match shape {
                        Shape::Rect(rect) => context.fill_rect(rect),
                        Shape::Fill(path) => context.fill_path(list.path(*path)),
                        Shape::Stroke { path, width } => {
                            let stroke = Stroke::new(*width).with_caps(Cap::Butt);
                            context.set_stroke(stroke.with_join(Join::Miter));
                            context.stroke_path(list.path(*path));
                        }
                        Shape::Text(text) => {
                            // Else a letter that is larger than it says would be cut where an area ends.
                            context.set_transform(origin);
                            context.push_clip_rect(&rect_of(entry.area));
                            context.set_transform(origin * *transform);
                            for run in &text.runs {
                                write(context, &mut self.resources, run);
                            }
                            context.pop_clip();
                        }
                    }
                }
                Step::Image {
                    image,
                    rect,
                    transform,
                } if seen => {
                    context.set_transform(origin * *transform);
                    let (width, height) = (f64::from(image.0.width()), f64::from(image.0.height()));
                    let scale = (rect.width() / width, rect.height() / height);
                    let place = Affine::translate((rect.x0, rect.y0))
                        * Affine::scale_non_uniform(scale.0, scale.1);
                    context.set_paint(VelloImage {
                        image: ImageSource::Pixmap(Arc::clone(&image.0)),
                        sampler: sampler(*transform * place),
                    });
                    context.set_paint_transform(place);
                    context.fill_rect(rect);
                    context.reset_paint_transform();
                }
                Step::Clip { path, transform } if seen => {
                    context.set_transform(origin * *transform);
                    context.push_clip_layer(list.path(*path));
                }
                Step::Fade(opacity) if seen => context.push_opacity_layer(*opacity),
                Step::End(begin) if entries[*begin].area.meets(area) => context.pop_layer(),
                // A group that is not seen, as a whole.
                Step::Clip { .. } | Step::Fade(_) => {
                    let end = |entry: &super::list::Entry| matches!(entry.step, Step::End(begin) if begin == index - 1);
                    index += entries[index..].iter().position(end).map_or(0, |at| at + 1);
                }
                Step::Shape { .. } | Step::Image { .. } | Step::End(_) => {}
            }
        }
    }
}

fn rect_of(area: Area) -> Rect {
    Rect::new(
        area.left.into(),
        area.top.into(),
        area.right.into(),
        area.bottom.into(),
    )
}

fn color(color: Color) -> AlphaColor<Srgb> {
    AlphaColor::from_rgba8(color.red, color.green, color.blue, color.alpha)
}

/// Vello's name for it; `None` when it paints nothing.
fn context_paint(paint: &Paint) -> Option<PaintType> {
    let gradient = match &paint.0 {
        Kind::Color(Color { alpha: 0, .. }) => return None,
        Kind::Color(plain) => return Some(PaintType::Solid(color(*plain))),
        Kind::Gradient(gradient) => gradient,
    };
    let (&[(_, first), ..], &[.., (_, last)]) = (&gradient.stops[..], &gradient.stops[..]) else {
        return None;
    };
    let point = |(x, y): (f32, f32)| (f64::from(x), f64::from(y));
    let shape = match gradient.shape {
        paint::Shape::Linear(from, to) if is_finite(from) && is_finite(to) && from != to => {
            peniko::Gradient::new_linear(point(from), point(to))
        }
        paint::Shape::Radial(centre, radius)
            if is_finite(centre) && radius > 0.0 && radius.is_finite() =>
        {
            peniko::Gradient::new_radial(point(centre), radius)
        }
        // No way to go: all of it lies behind the end.
        _ => return Some(PaintType::Solid(color(last))),
    };
    let mut stops = ColorStops::new();
    let known = gradient.stops.iter();
    let ends = [(0.0, first), (1.0, last)];
    for &(at, stop) in ends[..1].iter().chain(known).chain(&ends[1..]) {
        stops.push(ColorStop::from((at, color(stop))));
    }
    Some(PaintType::Gradient(peniko::Gradient { stops, ..shape }))
}

fn is_finite((x, y): (f32, f32)) -> bool {
    x.is_finite() && y.is_finite()
}

/// Pixel for pixel where an image lies on the grid, smooth elsewhere.
fn sampler(place: Affine) -> ImageSampler {
    let [a, b, c, d, x, y] = place.as_coeffs();
    let on_grid = [a, b, c, d] == [1.0, 0.0, 0.0, 1.0] && x.fract() == 0.0 && y.fract() == 0.0;
    ImageSampler {
        x_extend: Extend::Pad,
        y_extend: Extend::Pad,
        quality: if on_grid {
            ImageQuality::Low
        } else {
            ImageQuality::Medium
        },
        alpha: 1.0,
    }
}

fn write(context: &mut RenderContext, resources: &mut Resources, run: &GlyphRun) {
    let glyphs = || run.glyphs.iter().copied();
    // Err: a glyph that its font has broken; the others are drawn.
    let _ = letters(context, resources, run).fill_glyphs(glyphs());
    if run.embolden {
        context.set_stroke(Stroke::new(f64::from(run.size) * EMBOLDEN));
        let _ = letters(context, resources, run).stroke_glyphs(glyphs());
    }
}

fn letters<'a>(
    context: &'a mut RenderContext,
    resources: &'a mut Resources,
    run: &'a GlyphRun,
) -> GlyphRunBuilder<'a> {
    let letters = context
        .glyph_run(resources, &run.font)
        .font_size(run.size)
        // Letters that are moved stay as they are.
        .hint(false)
        .normalized_coords(&run.coords);
    match run.slant {
        Some(degrees) => {
            let slant = f64::from(degrees).to_radians().tan();
            letters.glyph_transform(Affine::skew(-slant, 0.0)) // y goes down
        }
        None => letters,
    }
}
