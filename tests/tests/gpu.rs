//! Frames that stay on a card: the simulated one, on which the very kernels run, late and out of order, compiled as C++.
//! Their pixels are those of the actors that do the same on the processor, to one code.

use std::sync::Once;

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::dispatch::Gpu;
use streamlib::gpu::{Argument, Device, Kernel, OnProcessor, Place, Source};
use streamlib::message::{ColorRange, FieldOrder};
use streamlib::prelude::*;
use streamlib_tests::Log;

/// All graphs of this program run on a simulated card.
fn simulated() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| Gpu::device(Device::simulated(7).expect("a thread")));
}

/// Keeps what it gets.
#[actor]
struct Keep {
    #[input]
    video: Input<VideoFrame>,
    pictures: Log<VideoFrame>,
}

impl Actor for Keep {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            self.pictures.push(frame.clone());
        }
        Ok(())
    }
}

/// The farthest that two bytes of two pictures are apart.
fn apart(one: &VideoFrame, other: &VideoFrame) -> u8 {
    assert_eq!(one.format(), other.format());
    assert_eq!(one.dimensions(), other.dimensions());
    let rows = |frame: &VideoFrame| -> Vec<u8> {
        frame
            .planes()
            .flat_map(|plane| plane.rows().flatten().copied().collect::<Vec<_>>())
            .collect()
    };
    let pairs = rows(one).into_iter().zip(rows(other));
    pairs
        .map(|(one, other)| one.abs_diff(other))
        .max()
        .unwrap_or(0)
}

#[tokio::test]
async fn a_graph_on_a_card_shows_what_the_same_shows_on_the_processor() -> Result<()> {
    simulated();
    let clock = VirtualClock::fps(60);
    let (there, here) = (Log::new(), Log::new());
    let logo = VideoFrame::from_pixels(PixelFormat::Rgba8, 3, 2, [200, 100, 50, 128].repeat(6))?;
    let layer = Layer::new().at(20, 10).own_size().opacity(0.5);
    let on_card = pipeline! {
        clock beat = clock.clone();
        moving = GpuTestPattern::new(Pattern::MovingBox).size(161, 90).frames(40) @ beat;
        still  = Still::new(logo.clone()) @ beat;
        up     = Upload::new() on gpu;
        mix    = GpuCompositor::new(161, 90).set(1, layer) on gpu;
        nv12   = GpuConvert::to(PixelFormat::Nv12);
        down   = Download::new();
        keep   = Keep::new(there.clone());

        moving >> mix.layers;
        still >> up >> mix.layers;
        mix >> nv12 >> down >> keep;
    }?;
    let on_processor = pipeline! {
        clock beat = clock.clone();
        moving = TestPattern::new(Pattern::MovingBox).size(161, 90).format(PixelFormat::Rgba8).frames(40) @ beat;
        still  = Still::new(logo.clone()) @ beat;
        mix    = Compositor::new(161, 90).set(1, layer);
        nv12   = Convert::to(PixelFormat::Nv12);
        keep   = Keep::new(here.clone());

        moving >> mix.layers;
        still >> mix.layers;
        mix >> nv12 >> keep;
    }?;
    clock.advance(40).await?;
    on_card.stop().await?;
    on_processor.stop().await?;
    let (there, here) = (there.entries(), here.entries());
    assert_eq!((there.len(), here.len()), (40, 40));
    for (there, here) in there.iter().zip(&here) {
        assert_eq!(there.frame_number(), here.frame_number());
        assert!(apart(there, here) <= 1, "{there:?}");
    }
    Ok(())
}

/// Sends the same picture on every tick.
#[actor]
struct Still {
    #[output]
    video: Output<VideoFrame>,
    picture: VideoFrame,
}

impl Actor for Still {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.video.send(self.picture.clone(), tick);
        Ok(())
    }
}

/// Ticks an actor in a stream of a card of its own, and brings back what it sends.
struct Bench<A: Actor> {
    harness: Harness<A>,
    place: Place,
    /// Streams in which pictures come and go.
    up: Place,
    down: Place,
}

impl<A: Actor> Bench<A> {
    fn new(actor: A, seed: u64) -> Result<Self> {
        let device = Device::simulated(seed)?;
        Ok(Self {
            harness: Harness::new(actor)?,
            place: Place::Card(device.stream()?),
            up: Place::Card(device.stream()?),
            down: Place::Card(device.stream()?),
        })
    }

    fn tick(&mut self) -> Result<()> {
        self.place.run(|| self.harness.tick())
    }

    /// On the card, put there in another stream than the actor's.
    fn up(&self, frame: &VideoFrame) -> Result<GpuFrame> {
        let mut harness = Harness::new(Upload::new())?;
        let mut video = harness.feed(|up| &mut up.video);
        let mut uploaded = harness.probe(|up| &mut up.uploaded);
        video.send(frame.clone());
        self.up.run(|| harness.tick())?;
        Ok(uploaded.latest().expect("what was sent").clone())
    }

    fn down(&self, frame: &GpuFrame) -> Result<VideoFrame> {
        let mut harness = Harness::new(Download::new())?;
        let mut video = harness.feed(|down| &mut down.video);
        let mut downloaded = harness.probe(|down| &mut down.downloaded);
        video.send(frame.clone());
        self.down.run(|| harness.tick())?;
        Ok(downloaded.latest().expect("what was sent").clone())
    }
}

fn noise(format: PixelFormat, width: u32, height: u32, seed: u64) -> Result<VideoFrame> {
    let mut frame = VideoFrame::new(format, width, height)?;
    let mut noise = seed | 1;
    for byte in frame.pixels_mut() {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        *byte = match noise >> 61 {
            0 => 0,
            1 => 255,
            _ => (noise >> 40) as u8,
        };
    }
    Ok(frame)
}

#[test]
fn pictures_come_back_from_a_card_as_they_were() -> Result<()> {
    for (seed, &format) in (0..).zip(PixelFormat::ALL) {
        let bench = Bench::new(GpuConvert::to(PixelFormat::Nv12), seed)?;
        let mut frame = noise(format, 37, 21, seed)?;
        frame.set_field_order(FieldOrder::TopFirst);
        let back = bench.down(&bench.up(&frame)?)?;
        assert_eq!(back.pixels(), frame.pixels(), "{format}");
        assert_eq!(back.field_order(), FieldOrder::TopFirst);
        assert_eq!(back.colorimetry(), frame.colorimetry());
    }
    let mut spaced = VideoFrame::default();
    spaced.reset_with_strides(PixelFormat::Nv12, 10, 6, &[32, 16])?;
    spaced.pixels_mut().fill(9);
    let bench = Bench::new(GpuConvert::to(PixelFormat::Nv12), 1)?;
    let back = bench.down(&bench.up(&spaced)?)?;
    assert_eq!((back.pixels(), back.stride()), (spaced.pixels(), 32));
    Ok(())
}

#[test]
fn patterns_have_the_same_pixels_on_a_card() -> Result<()> {
    let patterns = [
        Pattern::SmpteHdBars,
        Pattern::ZonePlate,
        Pattern::MovingBox,
        Pattern::Noise,
    ];
    for (seed, pattern) in (0..).zip(patterns) {
        for (width, height) in [(64, 48), (61, 7), (1, 1)] {
            let actor = GpuTestPattern::new(pattern).size(width, height);
            let mut bench = Bench::new(actor, seed)?;
            let mut there = bench.harness.probe(|pattern| &mut pattern.video);
            let twin = TestPattern::new(pattern)
                .size(width, height)
                .format(PixelFormat::Rgba8);
            let mut harness = Harness::new(twin)?;
            let mut here = harness.probe(|pattern| &mut pattern.video);
            for _ in 0..3 {
                bench.tick()?;
                harness.tick()?;
                let there = there.latest().expect("a picture a tick").clone();
                let here = here.latest().expect("a picture a tick");
                assert_eq!(apart(&bench.down(&there)?, &here), 0, "{pattern}");
            }
        }
    }
    Ok(())
}

/// Converts on the card, and with `Convert`.
fn converted(frame: &VideoFrame, to: PixelFormat, seed: u64) -> Result<(VideoFrame, VideoFrame)> {
    let mut bench = Bench::new(GpuConvert::to(to), seed)?;
    let mut video = bench.harness.feed(|convert| &mut convert.video);
    let mut there = bench.harness.probe(|convert| &mut convert.converted);
    video.send(bench.up(frame)?);
    bench.tick()?;
    let there = bench.down(&there.latest().expect("a picture"))?;

    let mut harness = Harness::new(Convert::to(to))?;
    let mut video = harness.feed(|convert| &mut convert.video);
    let mut here = harness.probe(|convert| &mut convert.converted);
    video.send(frame.clone());
    harness.tick()?;
    let here = here.latest().expect("a picture").clone();
    Ok((there, here))
}

const FORMATS: [PixelFormat; 5] = [
    PixelFormat::Rgb8,
    PixelFormat::Rgba8,
    PixelFormat::Bgra8,
    PixelFormat::Nv12,
    PixelFormat::Uyvy,
];

#[test]
fn conversions_are_to_one_code_what_they_are_on_the_processor() -> Result<()> {
    let mut pairs = 0;
    for from in FORMATS {
        for to in FORMATS {
            for (seed, (width, height)) in (1..).zip([(64, 32), (37, 21), (1, 1)]) {
                let mut frame = noise(from, width, height, seed)?;
                if seed == 1 {
                    frame.set_field_order(FieldOrder::BottomFirst);
                }
                if seed == 2 && !from.is_rgb() {
                    frame.set_colorimetry(Colorimetry {
                        range: ColorRange::Full,
                        ..Colorimetry::BT2020
                    });
                }
                let (there, here) = converted(&frame, to, seed)?;
                assert!(
                    apart(&there, &here) <= 1,
                    "{from} to {to}, {width} × {height}"
                );
                assert_eq!(there.colorimetry(), here.colorimetry());
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 75);
    Ok(())
}

#[test]
fn formats_that_a_card_does_not_know_are_told() {
    let told = Harness::new(GpuConvert::to(PixelFormat::V210)).err();
    assert_eq!(
        told.map(|error| error.to_string()).as_deref(),
        Some(
            "format on a card is V210; expected Rgb8, Rgba8, Bgra8, Nv12 or Uyvy; `Convert` knows the others, \
             before `Upload` or after `Download`"
        )
    );
}

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

/// Kernels of a user's own.
const INVERT: &str = r#"
// Turns pixels of Rgba8 into their negatives.
extern "C" __global__ void invert(const uchar4 *from, uchar4 *to, int count) {
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    uchar4 pixel = from[at];
    to[at] = make_uchar4(255 - pixel.x, 255 - pixel.y, 255 - pixel.z, pixel.w);
}
"#;

/// The negative of a picture in Rgba8: an actor of a user's own, on a card and on the processor.
#[actor(dispatcher = gpu, new = assemble)]
struct Invert {
    #[input]
    video: Input<GpuFrame>,
    #[output]
    inverted: Output<GpuFrame>,
    card: Option<(streamlib::gpu::Stream, streamlib::gpu::CardPool, Kernel)>,
    text: &'static str,
}

impl Invert {
    fn new() -> Self {
        Self::assemble(None, INVERT)
    }

    /// Puts the kernel into the stream of this actor.
    fn on_card(
        (stream, pool, kernel): &(streamlib::gpu::Stream, streamlib::gpu::CardPool, Kernel),
        frame: &GpuFrame,
    ) -> Result<GpuFrame> {
        let mut out = GpuFrame::from_pool(pool, frame.format(), frame.width(), frame.height())?;
        let (from, to) = (frame.read(stream)?, out.fill(stream)?);
        let (source, target) = (from.address(), to.address());
        let count = (frame.width() * frame.height()) as i32;
        let arguments = [
            Argument::of(&source),
            Argument::of(&target),
            Argument::of(&count),
        ];
        let grid = (count.unsigned_abs().div_ceil(256), 1, 1);
        // SAFETY: these are the parameters of `invert`, and both pictures have as many pixels.
        unsafe { stream.launch(kernel, grid, (256, 1, 1), &arguments)? };
        drop(to);
        Ok(out)
    }
}

impl OnProcessor for Invert {}

impl Actor for Invert {
    async fn on_start(&mut self) -> Result<()> {
        if let Place::Card(stream) = Place::here()? {
            let source = Source::cuda("invert.cu", self.text);
            let kernel = stream.device().load(&source)?.kernel("invert")?;
            let pool = streamlib::gpu::CardPool::new(stream.device());
            self.card = Some((stream, pool, kernel));
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.latest() else {
            return Ok(());
        };
        let out = match (&self.card, frame.on_processor()) {
            (Some(card), _) => Self::on_card(card, &frame)?,
            (None, Some(picture)) => {
                let mut out = VideoFrame::default();
                out.copy_from(picture)?;
                for pixel in out.pixels_mut().chunks_exact_mut(4) {
                    pixel[..3]
                        .iter_mut()
                        .for_each(|level| *level = 255 - *level);
                }
                out.into()
            }
            (None, None) => return Ok(()),
        };
        self.inverted.send(out, tick);
        Ok(())
    }
}

#[tokio::test]
async fn an_actor_of_ones_own_runs_its_kernel() -> Result<()> {
    simulated();
    let clock = VirtualClock::fps(60);
    let pictures = Log::new();
    let show = pipeline! {
        clock beat = clock.clone();
        white = GpuTestPattern::new(Pattern::MovingBox).size(32, 32) @ beat;
        once  = Invert::new() on gpu.or(threads);
        twice = Invert::new() on inline;
        third = Invert::new();
        down  = Download::new().overlapped();
        keep  = Keep::new(pictures.clone());
        white >> once >> twice >> third >> down >> keep;
    }?;
    clock.advance(10).await?;
    show.stop().await?;
    let pictures = pictures.entries();
    assert_eq!(
        pictures.len(),
        9,
        "the last one stays behind where two are under way"
    );
    for picture in pictures {
        let black = picture
            .pixels()
            .chunks_exact(4)
            .filter(|pixel| pixel[0] == 0);
        assert_eq!(black.count(), 8 * 8); // the box that was white, inverted three times
    }
    Ok(())
}

#[test]
fn a_kernel_that_does_not_compile_is_told_with_its_line() -> Result<()> {
    let mut invert = Invert::new();
    invert.text = "extern \"C\" __global__ void invert(int count) {\n    count = missing;\n}\n";
    let mut bench = Bench::new(invert, 1)?;
    let told = bench
        .tick()
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        told.starts_with("the kernels of `invert.cu` do not compile:\ninvert.cu:2: "),
        "{told}"
    );
    assert!(told.ends_with("\n  2 |     count = missing;"), "{told}");
    Ok(())
}

#[test]
fn arguments_that_a_kernel_has_not_are_refused_by_the_simulated_card() -> Result<()> {
    let device = Device::simulated(1)?;
    let kernel = device
        .load(&Source::cuda("invert.cu", INVERT))?
        .kernel("invert")?;
    let (stream, count) = (device.stream()?, 5_u64);
    // SAFETY: the simulated card compares the sizes, and refuses.
    let refused = unsafe { stream.launch(&kernel, (1, 1, 1), (1, 1, 1), &[Argument::of(&count)]) };
    assert_eq!(
        refused.err().map(|error| error.to_string()).as_deref(),
        Some(
            "arguments of kernel `invert` is [8] bytes long; expected [8, 8, 4] bytes, as its parameters are"
        )
    );
    let missing = device
        .load(&Source::cuda("invert.cu", INVERT))?
        .kernel("negative");
    assert!(missing.is_err_and(|error| error.to_string().contains("has no kernel")));
    Ok(())
}

#[test]
fn a_chain_is_captured_once_and_replayed() -> Result<()> {
    let chain = GpuChain::of(GpuConversion::to(PixelFormat::Nv12))
        .then(GpuConversion::to(PixelFormat::Uyvy))
        .then(GpuConversion::to(PixelFormat::Rgba8));
    let mut bench = Bench::new(chain, 5)?;
    let mut video = bench.harness.feed(|chain| &mut chain.video);
    let mut filtered = bench.harness.probe(|chain| &mut chain.filtered);
    let frames: Vec<_> = (0..3)
        .map(|seed| noise(PixelFormat::Rgba8, 38, 22, seed + 1))
        .collect::<Result<_>>()?;
    let on_card: Vec<_> = frames
        .iter()
        .map(|frame| bench.up(frame))
        .collect::<Result<_>>()?;
    let mut captured = Vec::new();
    for tick in 0..40 {
        video.send(on_card[tick % 3].clone());
        bench.tick()?;
        captured.push(bench.harness.captured());
        let there = filtered.latest().expect("a picture").clone();
        let mut here = frames[tick % 3].clone();
        for format in [PixelFormat::Nv12, PixelFormat::Uyvy, PixelFormat::Rgba8] {
            here = converted(&here, format, 1)?.0;
        }
        if tick < 6 {
            assert_eq!(apart(&bench.down(&there)?, &here), 0, "tick {tick}");
        }
    }
    assert!(captured[0] == 1 && captured[39] <= 32, "{captured:?}");
    assert_eq!(
        captured[24], captured[39],
        "none is captured once all pairs were seen: {captured:?}"
    );
    Ok(())
}
