//! Layers of any size and format, placed and cropped in any way: none is an error, and each pixel is what double precision gives.

use std::ops::Range;

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::message::FieldOrder;
use streamlib::prelude::*;

/// The picture's sizes, below which everything is some times as large.
const SIDES: Range<u32> = 1..24;

prop_compose! {
    fn frame()(
        format in prop::sample::select(PixelFormat::ALL),
        planar in prop::option::of(prop::sample::select(&[PixelFormat::I420, PixelFormat::Nv12])),
        (width, height) in (1..50_u32, 1..50_u32),
        order in prop::sample::select(&[FieldOrder::Progressive, FieldOrder::TopFirst, FieldOrder::BottomFirst]),
        is_opaque in any::<bool>(),
        seed in any::<u64>(),
    ) -> (bool, VideoFrame) {
        let format = planar.unwrap_or(format);
        let mut frame = VideoFrame::new(format, width, height).expect("a possible size");
        let mut noise = seed | 1;
        for (at, byte) in frame.pixels_mut().iter_mut().enumerate() {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let is_alpha = format.has_alpha() && at % 4 == 3;
            *byte = if is_alpha && is_opaque { 255 } else { (noise >> 40) as u8 };
        }
        frame.set_field_order(order);
        (planar.is_some(), frame)
    }
}

fn place() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -60..40, 1 => Just(i32::MIN), 1 => Just(i32::MAX), 4 => Just(0)]
}

fn edge() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..40_u32, 1 => Just(u32::MAX), 1 => Just(1 << 31)]
}

prop_compose! {
    fn layer()(
        (x, y) in (place(), place()),
        crop in prop::option::of((edge(), edge(), edge(), edge())),
        size in prop_oneof![
            8 => Just(LayerSize::Own),
            1 => Just(LayerSize::Picture),
            1 => (0..90_u32, 0..90_u32).prop_map(|(width, height)| LayerSize::Pixels(width, height)),
        ],
        opacity in prop_oneof![Just(1.0_f32), Just(0.0), 0.0..1.0_f32, Just(f32::NAN), Just(-1.0)],
        blend in prop::sample::select(&[Blend::Over, Blend::Over, Blend::Over, Blend::Add, Blend::Multiply, Blend::Screen]),
        visible in prop::bool::weighted(0.9),
    ) -> Layer {
        let mut layer = Layer::new().at(x, y).opacity(opacity).blend(blend).visible(visible);
        layer.size = size;
        layer.crop = crop.map(|(x, y, width, height)| Crop { x, y, width, height });
        layer
    }
}

/// Of `length` samples those from `crop` on, of which so many are shown.
fn part(crop: Option<(u32, u32)>, length: u32) -> Range<i64> {
    let (start, shown) = crop.unwrap_or((0, length));
    let end = start.saturating_add(shown).min(length);
    i64::from(start.min(length))..i64::from(end)
}

/// What is shown of a picture, in its own pixels: columns and rows.
fn shown(layer: &Layer, frame: &VideoFrame) -> [Range<i64>; 2] {
    let (width, height) = frame.dimensions();
    [
        part(layer.crop.map(|crop| (crop.x, crop.width)), width),
        part(layer.crop.map(|crop| (crop.y, crop.height)), height),
    ]
}

/// Where places and crops begin on a picture whose pixels share their colours in pairs.
fn evened(mut layer: Layer) -> Layer {
    (layer.x, layer.y) = (layer.x & !1, layer.y & !1);
    if let Some(crop) = &mut layer.crop {
        (crop.x, crop.y) = (crop.x & !1, crop.y & !1);
    }
    layer
}

fn opacity(layer: &Layer) -> f64 {
    let is_seen = layer.visible && !layer.opacity.is_nan();
    let opacity = if is_seen { layer.opacity } else { 0.0 };
    f64::from(opacity.clamp(0.0, 1.0))
}

/// One component of what is laid on another, of so much alpha.
fn laid(blend: Blend, below: f64, own: f64, alpha: f64) -> f64 {
    let blended = match blend {
        Blend::Add => return (below + own * alpha).min(255.0),
        Blend::Multiply => below * own / 255.0,
        Blend::Screen => 255.0 - (255.0 - below) * (255.0 - own) / 255.0,
        _ => own,
    };
    blended * alpha + below * (1.0 - alpha)
}

/// A sample of an I420 picture of these layers.
fn planar_sample(layers: &[(Layer, VideoFrame)], plane: usize, x: i64, y: i64) -> f64 {
    let shift = i64::from(plane > 0);
    let black = if plane == 0 { 16.0 } else { 128.0 };
    layers.iter().fold(black, |below, (layer, frame)| {
        let layer = evened(*layer);
        let at = |of: i64, place: i32, shown: &Range<i64>| {
            // One that any of its pixels shares belongs to the picture.
            let within = of - (i64::from(place) >> shift);
            let count = (shown.end - shown.start + shift) >> shift;
            ((0..count).contains(&within)).then(|| (shown.start >> shift) + within)
        };
        let [columns, rows] = shown(&layer, frame);
        let (Some(column), Some(row)) = (at(x, layer.x, &columns), at(y, layer.y, &rows)) else {
            return below;
        };
        let row = frame.plane(plane).and_then(|plane| plane.row(row as usize));
        let own = row.expect("a row")[column as usize];
        let opacity = opacity(&layer);
        f64::from(own) * opacity + below * (1.0 - opacity)
    })
}

/// Red, green and blue of a pixel of these layers.
fn rgb_pixel(layers: &[(Layer, VideoFrame)], x: i64, y: i64) -> [f64; 3] {
    layers.iter().fold([0.0; 3], |below, (layer, frame)| {
        let [columns, rows] = shown(layer, frame);
        let column = columns.start + x - i64::from(layer.x);
        let row = rows.start + y - i64::from(layer.y);
        if !columns.contains(&column) || !rows.contains(&row) {
            return below;
        }
        let row = frame.row(row as u32).expect("a row");
        let channels = frame.format().channels();
        let pixel = &row[column as usize * channels..][..channels];
        let alpha = pixel.get(3).map_or(1.0, |&alpha| f64::from(alpha) / 255.0);
        std::array::from_fn(|index| {
            let own = match frame.format() {
                PixelFormat::Bgra8 => pixel[2 - index],
                _ => pixel[index],
            };
            laid(
                layer.blend,
                below[index],
                f64::from(own),
                alpha * opacity(layer),
            )
        })
    })
}

/// The whole picture in another format.
fn in_format(frame: &VideoFrame, format: PixelFormat) -> VideoFrame {
    if frame.format() == format {
        return frame.clone();
    }
    let (width, height) = frame.dimensions();
    let mut out = VideoFrame::new(format, width, height).expect("a possible size");
    Converter::new().convert(frame, &mut out).expect("one size");
    out
}

/// Whether every layer lies as large as it is.
fn are_unscaled(layers: &[(Layer, VideoFrame)], picture: (u32, u32)) -> bool {
    layers.iter().all(|(layer, frame)| {
        let [columns, rows] = shown(layer, frame);
        let own = (columns.end - columns.start, rows.end - rows.start);
        let size = match layer.size {
            LayerSize::Own => return true,
            LayerSize::Picture => picture,
            LayerSize::Pixels(width, height) => (width, height),
        };
        own == (size.0.into(), size.1.into())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_asked_for_is_shown_where_it_lies(
        (width, height) in (SIDES, SIDES),
        pictures in prop::collection::vec((layer(), frame()), 1..5),
        is_planar in any::<bool>(),
    ) {
        let pictures: Vec<_> = pictures
            .into_iter()
            .filter(|(_, (planar, _))| !is_planar || *planar)
            .map(|(layer, (_, frame))| {
                let blend = if is_planar { Blend::Over } else { layer.blend };
                (layer.blend(blend), frame)
            })
            .collect();
        let mix = Compositor::new(width, height);
        let control = mix.control();
        let mut harness = Harness::new(mix)?;
        for (index, (layer, frame)) in pictures.iter().enumerate() {
            let layer = *layer;
            // What cannot be set can be animated.
            control.animate(index, move |_, _| layer)?;
            harness.feed(|mix| &mut mix.layers).send(frame.clone());
        }
        let mut video = harness.probe(|mix| &mut mix.video);
        harness.tick()?;
        let picture = video.latest().expect("a picture a tick").clone();
        prop_assert_eq!(picture.dimensions(), (width, height));
        if !are_unscaled(&pictures, (width, height)) {
            return Ok(());
        }

        let format = picture.format();
        let layers: Vec<_> = pictures
            .iter()
            .map(|(layer, frame)| {
                let wanted = match frame.format() {
                    _ if format == PixelFormat::I420 => PixelFormat::I420,
                    own if own.is_rgb() => own,
                    _ => PixelFormat::Rgb8,
                };
                (*layer, in_format(frame, wanted))
            })
            .collect();
        for (index, plane) in picture.planes().enumerate() {
            for (y, row) in plane.rows().enumerate() {
                for (x, &given) in row.iter().enumerate() {
                    let exact = if format == PixelFormat::I420 {
                        planar_sample(&layers, index, x as i64, y as i64)
                    } else {
                        let pixel = rgb_pixel(&layers, (x / format.channels()) as i64, y as i64);
                        pixel.get(x % format.channels()).copied().unwrap_or(255.0)
                    };
                    prop_assert!((f64::from(given) - exact).abs() <= 1.0, "{} for {} at {}, {} of {} in {}", given, exact, x, y, index, format);
                }
            }
        }
    }
}
