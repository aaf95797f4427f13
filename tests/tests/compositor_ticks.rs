//! Layers whose pictures and settings change from tick to tick: each tick shows what a compositor does that has seen no other.

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::message::FieldOrder;
use streamlib::prelude::*;

const SIZE: (u32, u32) = (12, 6);

/// What becomes of a layer before a tick.
#[derive(Clone, Debug)]
enum Change {
    Shows(VideoFrame),
    Again,
    Lies(Layer),
    Visible(bool),
    Opacity(f32),
}

prop_compose! {
    /// Mostly one that covers the compositor's picture, or nearly so.
    fn frame()(
        format in prop::sample::select(&[
            PixelFormat::Rgba8, PixelFormat::Rgba8, PixelFormat::Bgra8, PixelFormat::Rgb8,
            PixelFormat::I420, PixelFormat::I420, PixelFormat::Nv12, PixelFormat::Uyvy,
        ]),
        (width, height) in prop_oneof![
            4 => (SIZE.0..SIZE.0 + 4, SIZE.1..SIZE.1 + 4),
            1 => (1..SIZE.0, 1..SIZE.1),
        ],
        order in prop::sample::select(&[FieldOrder::Progressive, FieldOrder::Progressive, FieldOrder::TopFirst]),
        alphas in prop::sample::select(&["opaque", "opaque", "one clear", "clear", "any"]),
        seed in any::<u64>(),
    ) -> VideoFrame {
        let mut frame = VideoFrame::new(format, width, height).expect("a possible size");
        let mut noise = seed | 1;
        for byte in frame.pixels_mut() {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            *byte = (noise >> 40) as u8;
        }
        if format.has_alpha() {
            let clear = (noise >> 20) as usize % (width * height) as usize;
            for (at, pixel) in frame.pixels_mut().chunks_exact_mut(4).enumerate() {
                pixel[3] = match alphas {
                    "opaque" => 255,
                    "one clear" => if at == clear { 0 } else { 255 },
                    "clear" => 0,
                    _ => pixel[3],
                };
            }
        }
        frame.set_field_order(order);
        frame
    }
}

prop_compose! {
    fn layer()(
        (x, y) in (prop_oneof![2 => Just(0), 2 => Just(1), 1 => -3..3_i32], prop_oneof![6 => Just(0), 1 => Just(1), 1 => -3..3_i32]),
        size in prop_oneof![
            8 => Just(LayerSize::Own),
            2 => Just(LayerSize::Picture),
            1 => (8..20_u32, 4..10_u32).prop_map(|(width, height)| LayerSize::Pixels(width, height)),
        ],
        crop in prop::option::weighted(0.2, (0..4_u32, 0..3_u32, 8..16_u32, 4..9_u32)),
        opacity in prop_oneof![8 => Just(1.0_f32), 1 => 0.0..1.0_f32],
        blend in prop_oneof![6 => Just(Blend::Over), 1 => Just(Blend::Add), 1 => Just(Blend::Multiply)],
        visible in prop::bool::weighted(0.8),
    ) -> Layer {
        let mut layer = Layer::new().at(x, y).opacity(opacity).blend(blend).visible(visible);
        layer.size = size;
        layer.crop = crop.map(|(x, y, width, height)| Crop { x, y, width, height });
        layer
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => frame().prop_map(Change::Shows),
        1 => Just(Change::Again),
        2 => layer().prop_map(Change::Lies),
        2 => any::<bool>().prop_map(Change::Visible),
        1 => prop::sample::select(&[0.0, 0.5, 1.0, 1.0]).prop_map(Change::Opacity),
    ]
}

/// What a compositor shows that has had these layers from the start.
fn of_a_new_one(layers: &[(Layer, Option<VideoFrame>)]) -> Result<VideoFrame> {
    let mut mix = Compositor::new(SIZE.0, SIZE.1);
    for (index, (layer, _)) in layers.iter().enumerate() {
        mix = mix.set(index, *layer);
    }
    let mut harness = Harness::new(mix)?;
    let mut feeds = Vec::new();
    for (_, frame) in layers {
        let mut feed = harness.feed(|mix| &mut mix.layers);
        if let Some(frame) = frame {
            feed.send(frame.clone());
        }
        feeds.push(feed);
    }
    let mut video = harness.probe(|mix| &mut mix.video);
    harness.tick()?;
    Ok(video.latest().expect("a picture a tick").clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_was_before_does_not_show(
        mut layers in prop::collection::vec((layer(), prop::option::weighted(0.9, frame())), 1..7),
        ticks in prop::collection::vec(prop::collection::vec((any::<prop::sample::Index>(), change()), 0..4), 1..20),
    ) {
        let mix = Compositor::new(SIZE.0, SIZE.1);
        let control = mix.control();
        let mut harness = Harness::new(mix)?;
        let mut feeds: Vec<_> = layers.iter().map(|_| harness.feed(|mix| &mut mix.layers)).collect();
        let mut video = harness.probe(|mix| &mut mix.video);
        for (index, (layer, frame)) in layers.iter().enumerate() {
            control.set(index, *layer)?;
            if let Some(frame) = frame {
                feeds[index].send(frame.clone());
            }
        }
        for changes in [Vec::new()].into_iter().chain(ticks) {
            for (index, change) in changes {
                let index = index.index(layers.len());
                let (layer, frame) = &mut layers[index];
                match &change {
                    Change::Shows(next) => *frame = Some(next.clone()),
                    Change::Again => {}
                    Change::Lies(next) => *layer = *next,
                    Change::Visible(visible) => layer.visible = *visible,
                    Change::Opacity(opacity) => layer.opacity = *opacity,
                }
                control.set(index, *layer)?;
                if let (Change::Shows(_) | Change::Again, Some(frame)) = (&change, &frame) {
                    feeds[index].send(frame.clone());
                }
            }
            harness.tick()?;
            let shown = video.fresh().expect("a picture a tick").clone();
            let expected = of_a_new_one(&layers)?;
            prop_assert_eq!(shown.format(), expected.format());
            prop_assert_eq!(shown.field_order(), expected.field_order());
            for (shown, expected) in shown.planes().zip(expected.planes()) {
                for (shown, expected) in shown.rows().flatten().zip(expected.rows().flatten()) {
                    // Both are exact to one level. What is opaque is laid otherwise where that was worth finding out.
                    prop_assert!(shown.abs_diff(*expected) <= 2, "{} for {}", shown, expected);
                }
            }
        }
    }
}
