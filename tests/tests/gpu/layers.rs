//! Layers on a card lie over each other as they do on the processor.

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::gpu::Place;
use streamlib::prelude::*;
use streamlib_tests::cards::apart;

use crate::{Bench, FORMATS, noise};

/// Lays pictures over each other on the card, on the processor by the same actor, and with `Compositor`.
fn mixed(
    layers: &[(VideoFrame, Layer)],
    background: Background,
    (width, height): (u32, u32),
    seed: u64,
) -> Result<[VideoFrame; 3]> {
    let actor = || {
        let mix = GpuCompositor::new(width, height).background(background);
        let layers = layers.iter().enumerate();
        layers.fold(mix, |mix, (index, (_, layer))| mix.set(index, *layer))
    };
    let mut bench = Bench::new(actor(), seed)?;
    let mut there = bench.harness.probe(|mix| &mut mix.video);
    let mut twin = Harness::new(actor())?;
    let mut twins = twin.probe(|mix| &mut mix.video);
    let mix = Compositor::new(width, height).background(background);
    let settings = layers.iter().enumerate();
    let mix = settings.fold(mix, |mix, (index, (_, layer))| mix.set(index, *layer));
    let mut harness = Harness::new(mix)?;
    let mut here = harness.probe(|mix| &mut mix.video);
    for (frame, _) in layers {
        let on_card = bench.up(frame)?;
        bench.harness.feed(|mix| &mut mix.layers).send(on_card);
        twin.feed(|mix| &mut mix.layers).send(frame.clone().into());
        harness.feed(|mix| &mut mix.layers).send(frame.clone());
    }
    bench.tick()?;
    Place::Processor.run(|| twin.tick())?;
    harness.tick()?;
    let there = there.latest().expect("a picture a tick").clone();
    let twin = twins.latest().expect("a picture a tick");
    let twin = twin.on_processor().expect("a picture").clone();
    let here = here.latest().expect("a picture a tick").clone();
    Ok([bench.down(&there)?, twin, here])
}

/// Never ends, as sources in a test do not.
fn lasting(layer: Layer) -> Layer {
    layer.when_ended(Lost::Keep)
}

prop_compose! {
    fn layer()(
        format in prop::sample::select(FORMATS[..3].to_vec()),
        (width, height) in (1..40_u32, 1..30_u32),
        (x, y) in (-20..50_i32, -20..40_i32),
        crop in prop::option::of((0..20_u32, 0..20_u32, 1..30_u32, 1..30_u32)),
        opacity in prop_oneof![Just(1.0_f32), 0.0..=1.0_f32],
        blend in prop::sample::select(vec![Blend::Over, Blend::Add, Blend::Multiply, Blend::Screen]),
        visible in prop::bool::weighted(0.9),
        seed in any::<u64>(),
    ) -> (VideoFrame, Layer) {
        let frame = noise(format, width, height, seed).expect("a possible size");
        let layer = Layer::new().at(x, y).own_size().opacity(opacity).blend(blend).visible(visible);
        let layer = match crop {
            Some((x, y, width, height)) => layer.crop(x, y, width, height),
            None => layer,
        };
        (frame, lasting(layer))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn layers_are_to_one_level_what_they_are_on_the_processor(
        layers in prop::collection::vec(layer(), 0..20),
        (top, bottom) in any::<([u8; 3], [u8; 3])>(),
        seed in any::<u64>(),
    ) {
        // More than 16 are laid in two passes, and rounded between.
        let most = if layers.len() > 16 { 2 } else { 1 };
        let background = Background::vertical(top, bottom);
        let [there, twin, here] = mixed(&layers, background, (61, 37), seed)?;
        prop_assert!(apart(&there, &twin) <= most, "{} from its twin", apart(&there, &twin));
        if here.format() == there.format() {
            prop_assert!(apart(&there, &here) <= most, "{} from Compositor", apart(&there, &here));
        }
    }
}

#[test]
fn layers_are_scaled_as_on_the_processor() -> Result<()> {
    for (seed, size) in (0..).zip([(61, 37), (30, 18), (10, 11), (122, 40), (7, 80)]) {
        for format in [PixelFormat::Rgb8, PixelFormat::Rgba8] {
            let frame = noise(format, 40, 30, seed)?;
            let layer = Layer::new().at(-3, 2).size(size.0, size.1);
            let layers = [(frame, lasting(layer))];
            let [there, twin, _] = mixed(&layers, Background::BLACK, (61, 37), seed)?;
            assert!(apart(&there, &twin) <= 1, "{size:?}, {format}");
        }
    }
    Ok(())
}

#[test]
fn a_layer_in_another_format_is_told_and_the_others_are_shown() -> Result<()> {
    let mut bench = Bench::new(GpuCompositor::new(2, 2), 3)?;
    let mut there = bench.harness.probe(|mix| &mut mix.video);
    for format in [PixelFormat::Rgb8, PixelFormat::Nv12] {
        let mut frame = VideoFrame::new(format, 2, 2)?;
        frame.pixels_mut().fill(200);
        let frame = bench.up(&frame)?;
        bench.harness.feed(|mix| &mut mix.layers).send(frame);
    }
    let mut bench = {
        let control = bench.harness.control();
        for index in 0..2 {
            control.set(index, lasting(Layer::new()))?;
        }
        bench
    };
    let told = bench.tick().err().map(|error| error.to_string());
    assert_eq!(
        told.as_deref(),
        Some(
            "format of layer 1 (the lowest is 0) is Nv12; expected Rgb8, Rgba8 or Bgra8: put \
             `GpuConvert::to(PixelFormat::Rgba8)` before it"
        )
    );
    let shown = there.latest().expect("a picture").clone();
    assert_eq!(bench.down(&shown)?.pixels()[..4], [200, 200, 200, 255]);
    Ok(())
}

#[test]
fn a_layer_in_limited_range_is_refused_and_the_others_are_shown() -> Result<()> {
    let limited = |level| -> Result<VideoFrame> {
        let mut frame = VideoFrame::new(PixelFormat::Rgba8, 2, 2)?;
        frame.pixels_mut().fill(level);
        frame.set_colorimetry(Colorimetry {
            range: streamlib::message::ColorRange::Limited,
            ..frame.colorimetry()
        });
        Ok(frame)
    };
    let full = VideoFrame::from_pixels(PixelFormat::Rgb8, 2, 2, vec![200; 12])?;
    let refused = "range of red, green and blue of layer 0 (the lowest is 0) is limited; expected full: the kernel takes levels \
                   as they are";
    let actor = || {
        GpuCompositor::new(2, 2)
            .set(0, lasting(Layer::new()))
            .set(1, lasting(Layer::new()))
    };
    let mut bench = Bench::new(actor(), 3)?;
    let mut there = bench.harness.probe(|mix| &mut mix.video);
    let mut twin = Harness::new(actor())?;
    let mut twins = twin.probe(|mix| &mut mix.video);
    for frame in [limited(16)?, full] {
        let on_card = bench.up(&frame)?;
        bench.harness.feed(|mix| &mut mix.layers).send(on_card);
        twin.feed(|mix| &mut mix.layers).send(frame.into());
    }
    for told in [bench.tick(), Place::Processor.run(|| twin.tick())] {
        assert_eq!(
            told.err().map(|error| error.to_string()).as_deref(),
            Some(refused)
        );
    }
    let shown = there.latest().expect("a picture").clone();
    let twin = twins.latest().expect("a picture").clone();
    let grey = [200, 200, 200, 255];
    assert_eq!(bench.down(&shown)?.pixels()[..4], grey);
    assert_eq!(twin.on_processor().expect("a picture").pixels()[..4], grey);
    Ok(())
}
