//! A picture in Rgb8 or Rgba8 of a stack of pictures in Rgb8, Rgba8 and Bgra8.

use super::Background;
use super::placed::Placed;
use super::segment::{Base, Composer, How, Layer, Order};
use super::simd::Simd;
use crate::message::{PixelFormat, VideoFrame};

/// Room for the layers of a segment, which is kept from picture to picture.
#[derive(Debug, Default)]
pub(in crate::actors) struct Room(Vec<Layer<'static>>);

impl Room {
    /// Calls `with` with the room, for layers that do not live as long as it.
    fn lend<'a>(&mut self, with: impl FnOnce(&mut Vec<Layer<'a>>)) {
        let mut layers = emptied(std::mem::take(&mut self.0));
        with(&mut layers);
        self.0 = emptied(layers);
    }
}

/// The same memory with nothing in it: what is collected from a vector of as large items stays where those were.
fn emptied<'b>(mut layers: Vec<Layer<'_>>) -> Vec<Layer<'b>> {
    layers.clear();
    let without = |Layer { how, .. }: Layer<'_>| Layer { pixels: &[], how };
    layers.into_iter().map(without).collect()
}

/// How the pixels of `format` are laid; `None` for one that is converted before.
fn order(format: PixelFormat) -> Option<Order> {
    match format {
        PixelFormat::Rgb8 => Some(Order::Rgb),
        PixelFormat::Rgba8 => Some(Order::Rgba),
        PixelFormat::Bgra8 => Some(Order::Bgra),
        _ => None,
    }
}

/// Writes all of `out`, which is Rgb8 or Rgba8: `stack`, the lowest first, over `background`.
pub(in crate::actors) fn compose(
    out: &mut VideoFrame,
    background: Background,
    stack: &[Placed],
    room: &mut Room,
) {
    room.lend(|layers| compose_with(Simd::found(), out, background, stack, layers));
}

fn compose_with<'a>(
    simd: Simd,
    out: &mut VideoFrame,
    background: Background,
    stack: &'a [Placed],
    layers: &mut Vec<Layer<'a>>,
) {
    let Some(to) = order(out.format()) else {
        return;
    };
    let (width, height) = (out.width() as usize, out.height() as usize);
    let composer = Composer::new(simd, to, out.pixels().len());
    for (y, row) in out.rows_mut().enumerate() {
        let mut start = 0;
        while start < width {
            let edges = stack.iter().filter_map(|placed| placed.edge(y, start));
            let columns = start..edges.min().map_or(width, |edge| edge.min(width));
            start = columns.end;
            layers.clear();
            // What lies under an opaque picture cannot be seen.
            let lowest = stack
                .iter()
                .rposition(|placed| placed.is_opaque() && placed.covers(y, &columns));
            let mut base = Base::Color(background.row(y, height));
            for placed in &stack[lowest.unwrap_or(0)..] {
                let Some(order) = order(placed.frame.format()) else {
                    continue;
                };
                if !placed.covers(y, &columns) {
                    continue;
                }
                let pixels = placed.pixels(y, &columns, order.bytes());
                if layers.is_empty() && placed.is_plain() {
                    base = Base::Pixels(pixels, order);
                } else {
                    layers.push(Layer {
                        pixels,
                        how: how(placed, order),
                    });
                }
            }
            let bytes = columns.start * to.bytes()..columns.end * to.bytes();
            composer.compose(base, layers, &mut row[bytes]);
        }
    }
    composer.finish();
}

fn how(placed: &Placed, order: Order) -> How {
    How {
        order,
        blend: placed.blend,
        cover: placed.cover,
        light: placed.light,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Blend;
    use super::super::placed::{FULL, weight};
    use super::*;

    const WIDTH: usize = 531; // a run, two blocks, and three pixels
    const HEIGHT: usize = 3;

    prop_compose! {
        fn placed()(
            format in prop::sample::select(vec![PixelFormat::Rgb8, PixelFormat::Rgba8, PixelFormat::Bgra8]),
            (x, y) in (0..WIDTH, 0..HEIGHT),
            (right, bottom) in (0..WIDTH, 0..HEIGHT),
            is_whole in any::<bool>(),
            (from_x, from_y) in (0_usize..5, 0_usize..3),
            blend in prop::sample::select(vec![Blend::Over, Blend::Add, Blend::Multiply, Blend::Screen]),
            cover in prop_oneof![Just(FULL), any::<u16>()],
            faded in prop_oneof![Just(1.0), 0.0..1.0_f64],
            seed in any::<u64>(),
        ) -> Placed {
            let (x, y, right, bottom) =
                if is_whole { (0, 0, 0, 0) } else { (x, y, right % (WIDTH - x), bottom % (HEIGHT - y)) };
            let (width, height) = (WIDTH - x - right, HEIGHT - y - bottom);
            let mut frame = VideoFrame::new(format, (width + from_x) as u32, (height + from_y) as u32)
                .expect("a possible size");
            let mut noise = seed | 1;
            for byte in frame.pixels_mut() {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                *byte = match noise >> 62 { 0 => 0, 1 => 255, _ => (noise >> 40) as u8 };
            }
            let light = (f64::from(cover) * faded).round() as u16;
            let opaque = !format.has_alpha();
            Placed { frame, x, y, width, height, from_x, from_y, opaque, blend, cover, light }
        }
    }

    /// Red, green, blue and alpha from 0 to 1.
    fn pixel(frame: &VideoFrame, x: usize, y: usize) -> [f64; 4] {
        let row = frame.row(y as u32).expect("a row");
        let n = frame.format().channels();
        let at = |index: usize| f64::from(row[x * n + index]) / 255.0;
        match frame.format() {
            PixelFormat::Rgb8 => [at(0), at(1), at(2), 1.0],
            PixelFormat::Rgba8 => [at(0), at(1), at(2), at(3)],
            _ => [at(2), at(1), at(0), at(3)],
        }
    }

    fn exact(stack: &[Placed], background: Background, x: usize, y: usize) -> [f64; 3] {
        let mut below = background
            .row(y, HEIGHT)
            .map(|level| f64::from(level) / 65280.0);
        for placed in stack {
            if !placed.covers(y, &(x..x + 1)) {
                continue;
            }
            let (x, y) = (x - placed.x + placed.from_x, y - placed.y + placed.from_y);
            let [r, g, b, alpha] = pixel(&placed.frame, x, y);
            let cover = f64::from(placed.cover) / 65535.0 * alpha;
            let light = f64::from(placed.light) / 65535.0 * alpha;
            for (below, above) in below.iter_mut().zip([r, g, b]) {
                *below = match placed.blend {
                    Blend::Over => above * light + *below * (1.0 - cover),
                    Blend::Add => (*below + above * light).min(1.0),
                    Blend::Multiply => *below * (1.0 - cover) + *below * above * light,
                    Blend::Screen => *below + above * (1.0 - *below) * light,
                };
            }
        }
        below.map(|level| level * 255.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn agrees_with_double_precision_to_one_level_on_every_processor(
            stack in prop::collection::vec(placed(), 0..8),
            format in prop::sample::select(vec![PixelFormat::Rgb8, PixelFormat::Rgba8]),
            (top, bottom) in any::<([u8; 3], [u8; 3])>(),
        ) {
            let background = Background::vertical(top, bottom);
            let mut out = VideoFrame::new(format, WIDTH as u32, HEIGHT as u32)?;
            let mut portable = out.clone();
            compose(&mut out, background, &stack, &mut Room::default());
            compose_with(Simd::Portable, &mut portable, background, &stack, &mut Vec::new());
            prop_assert_eq!(out.pixels(), portable.pixels());
            for (x, y) in (0..WIDTH).flat_map(|x| (0..HEIGHT).map(move |y| (x, y))) {
                let [r, g, b, alpha] = pixel(&out, x, y).map(|level| level * 255.0);
                prop_assert_eq!(alpha, 255.0);
                for (level, exact) in [r, g, b].into_iter().zip(exact(&stack, background, x, y)) {
                    prop_assert!((level - exact).abs() <= 1.0, "{} for {} at {}, {}", level, exact, x, y);
                }
            }
        }
    }

    /// A row of 256 pixels.
    fn row(blend: Blend, share: f32, pixel: impl Fn(u8) -> [u8; 4]) -> Placed {
        let pixels: Vec<u8> = (0..=255).flat_map(pixel).collect();
        Placed {
            frame: VideoFrame::from_pixels(PixelFormat::Rgba8, 256, 1, pixels).expect("256 pixels"),
            x: 0,
            y: 0,
            width: 256,
            height: 1,
            from_x: 0,
            from_y: 0,
            opaque: false,
            blend,
            cover: weight(share),
            light: weight(share),
        }
    }

    #[test]
    fn clear_pictures_change_nothing_and_opaque_ones_hide_all() -> crate::Result<()> {
        let ramp = row(Blend::Over, 1.0, |level| [level, level, level, 255]);
        let mut stack = vec![ramp.clone()];
        for blend in [Blend::Over, Blend::Add, Blend::Multiply, Blend::Screen] {
            stack.push(row(blend, 1.0, |level| [level, 255, 0, 0]));
            stack.push(row(blend, 0.0, |level| [level, 255, 0, 255]));
        }
        let stack: Vec<_> = stack.iter().cycle().skip(1).take(90).cloned().collect();
        let mut out = VideoFrame::new(PixelFormat::Rgba8, 256, 1)?;
        compose(&mut out, Background::BLACK, &stack, &mut Room::default());
        assert_eq!(out.pixels(), ramp.frame.pixels());
        Ok(())
    }
}
