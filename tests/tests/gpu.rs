//! Frames that stay on a card: the simulated one, on which the very kernels run, late and out of order, compiled as C++; or a
//! real one, with `STREAMLIB_GPU=cuda`. Their pixels are those of the actors that do the same on the processor, to one code.

use std::sync::{Mutex, PoisonError};

use proptest::prelude::*;
use streamlib::actor::Harness;
use streamlib::dispatch::Gpu;
use streamlib::gpu::{
    Argument, CardMemory, CardPool, Device, Module, OnProcessor, Place, Slice, SliceMut, Source,
    Stream, Threads, TrustedKernel,
};
use streamlib::message::{ColorRange, FieldOrder, GpuPicture, GpuTarget, Picture, Shape, Target};
use streamlib::prelude::*;
use streamlib_tests::Log;
use streamlib_tests::cards::{Keep, apart, asked_for, card};

/// All graphs of this program run on one card.
fn on_one_card() -> Result<()> {
    static ONCE: Mutex<bool> = Mutex::new(false);
    let mut is_chosen = ONCE.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_chosen {
        Gpu::device(card(7)?);
        *is_chosen = true;
    }
    Ok(())
}

#[tokio::test]
async fn a_graph_on_a_card_shows_what_the_same_shows_on_the_processor() -> Result<()> {
    on_one_card()?;
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
        let device = card(seed)?;
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
#include "streamlib.h"

// Turns pixels of Rgba8 into their negatives.
extern "C" __global__ void invert(Picture from, Target to) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= from.width || y >= from.height || x >= to.width || y >= to.height) return;
    uchar4 pixel = *(const uchar4 *)(from.planes[0] + y * from.strides[0] + 4 * x);
    *(uchar4 *)(to.planes[0] + y * to.strides[0] + 4 * x) = make_uchar4(255 - pixel.x, 255 - pixel.y, 255 - pixel.z, pixel.w);
}
"#;

/// What `invert` is started with.
type Inverting = TrustedKernel<(Picture, Target)>;

fn inverting(kernels: &Module) -> Result<Inverting> {
    // SAFETY: these are its parameters, and it stays within both pictures, which are in Rgba8 wherever it is started.
    unsafe { kernels.trusted("invert") }
}

/// The negative of a picture in Rgba8: an actor of a user's own, on a card and on the processor.
#[actor(dispatcher = gpu, new = assemble)]
struct Invert {
    #[input]
    video: Input<GpuFrame>,
    #[output]
    inverted: Output<GpuFrame>,
    card: Option<(Stream, CardPool, Inverting)>,
    text: &'static str,
}

impl Invert {
    fn new() -> Self {
        Self::assemble(None, INVERT)
    }

    /// Puts the kernel into the stream of this actor: no `unsafe` here.
    fn on_card(
        (stream, pool, kernel): &(Stream, CardPool, Inverting),
        frame: &GpuFrame,
    ) -> Result<GpuFrame> {
        let (width, height) = frame.dimensions();
        let to = GpuFrame::from_pool(pool, PixelFormat::Rgba8, width, height)?.fill(stream)?;
        let from = frame.read(stream)?;
        let threads = Threads::over(width, height);
        stream.start(kernel, threads, (from.picture(), to.picture()))?;
        from.done()?;
        to.done()
    }
}

impl OnProcessor for Invert {}

impl Actor for Invert {
    async fn on_start(&mut self) -> Result<()> {
        if let Place::Card(stream) = Place::here()? {
            let source = Source::cuda("invert.cu", self.text);
            let kernel = inverting(&stream.device().load(&source)?)?;
            let pool = CardPool::new(stream.device());
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
    on_one_card()?;
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
            "arguments of kernel `invert` is [8] bytes long; expected [48, 48] bytes, as its parameters are"
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

/// The negative, as a link of a chain.
#[derive(Default)]
struct Negative(Option<Inverting>);

impl GpuFilter for Negative {
    fn source(&self) -> Source {
        Source::cuda("invert.cu", INVERT)
    }

    fn load(&mut self, kernels: &Module) -> Result<()> {
        self.0 = Some(inverting(kernels)?);
        Ok(())
    }

    fn makes(&self, of: &Shape) -> Result<Shape> {
        match of.format {
            PixelFormat::Rgba8 => Ok(*of),
            other => Err(Error::invalid("format", other, "Rgba8")),
        }
    }

    fn put(&self, stream: &Stream, from: GpuPicture<'_>, to: GpuTarget<'_>) -> Result<()> {
        let Some(kernel) = &self.0 else { return Ok(()) };
        let Shape { width, height, .. } = to.shape();
        stream.start(kernel, Threads::over(width, height), (from, to))
    }

    fn on_processor(&mut self, _from: &VideoFrame, _to: &mut VideoFrame) -> Result<()> {
        Err(Error::graph("only on a card"))
    }
}

#[test]
fn a_filter_of_ones_own_is_a_link_of_a_chain() -> Result<()> {
    let chain = GpuChain::of(Negative::default())
        .then(GpuConversion::to(PixelFormat::Bgra8))
        .then(GpuConversion::to(PixelFormat::Rgba8))
        .then(Negative::default());
    let mut bench = Bench::new(chain, 8)?;
    let mut video = bench.harness.feed(|chain| &mut chain.video);
    let mut filtered = bench.harness.probe(|chain| &mut chain.filtered);
    let frame = noise(PixelFormat::Rgba8, 33, 9, 4)?;
    video.send(bench.up(&frame)?);
    bench.tick()?;
    let there = filtered.latest().expect("a picture").clone();
    assert_eq!(apart(&bench.down(&there)?, &frame), 0);
    Ok(())
}

#[test]
fn what_a_kernel_is_given_is_held_for_its_stream_and_says_how_long_it_is() -> Result<()> {
    let source = Source::cuda(
        "count.cu",
        r#"
#include "streamlib.h"
extern "C" __global__ void count(Slice<const unsigned> from, Slice<unsigned> to, unsigned add) {
    unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < to.len) to.data[at] = (at < from.len ? from.data[at] : 0) + add;
}
extern "C" __global__ void sum(Slice<const unsigned> from, Target to) {
    unsigned sum = 0;
    for (unsigned long long at = 0; at < from.len; at++) sum += from.data[at];
    *(unsigned *)to.planes[0] = sum;
}
"#,
    );
    let bench = Bench::new(GpuConvert::to(PixelFormat::Nv12), 4)?;
    let Place::Card(stream) = &bench.place else {
        return Err(Error::graph("a place on a card"));
    };
    let device = stream.device();
    let kernels = device.load(&source)?;
    // SAFETY: these are the parameters of both; they stay within their slices, and in the first pixel of a picture.
    let (count, sum) = unsafe {
        (
            kernels.trusted::<(Slice<u32>, SliceMut<u32>, u32)>("count")?,
            kernels.trusted::<(Slice<u32>, Target)>("sum")?,
        )
    };
    // The second is longer than the first; more threads are started than there are numbers.
    let (mut first, mut second) = (
        CardMemory::new(device, 4000)?,
        CardMemory::new(device, 4102)?,
    );
    let threads = Threads::along(5000);
    let counted = |from: &CardMemory, to: &mut CardMemory, add| -> Result<()> {
        let (reading, filling) = (from.read(stream)?, to.fill(stream)?);
        stream.start(&count, threads, (&reading, &filling, add))?;
        reading.done()?;
        filling.done()
    };
    let empty = CardMemory::new(device, 3)?; // no number fits
    counted(&empty, &mut first, 7)?;
    counted(&first, &mut second, 1)?;
    let to = GpuFrame::from_pool(&CardPool::new(device), PixelFormat::Rgba8, 1, 1)?.fill(stream)?;
    let reading = second.read(stream)?;
    stream.start(
        &sum,
        Threads::of((1, 1, 1), (1, 1, 1)),
        (&reading, to.picture()),
    )?;
    reading.done()?;
    let there = to.done()?;
    // 1000 numbers that are 8, and 25 that are 1.
    assert_eq!(bench.down(&there)?.pixels(), 8025_u32.to_ne_bytes());

    let other = device.stream()?;
    let (reading, filling) = (first.read(&other)?, second.fill(stream)?);
    let told = stream.start(&count, threads, (&reading, &filling, 1)).err();
    let told = told.map(|error| error.to_string()).unwrap_or_default();
    assert!(
        told.starts_with("a kernel in stream 0 was given what is held for stream 3: "),
        "{told}"
    );
    Ok(())
}

#[test]
fn a_filter_refuses_pictures_of_two_sizes_and_of_another_stream() -> Result<()> {
    let device = card(4)?;
    let (stream, other) = (device.stream()?, device.stream()?);
    let mut filter = GpuConversion::to(PixelFormat::Nv12);
    filter.load(&device.load(&filter.source())?)?;
    let pool = CardPool::new(&device);
    let small = GpuFrame::from_pool(&pool, PixelFormat::Rgba8, 8, 8)?
        .fill(&stream)?
        .done()?;
    let filling = GpuFrame::from_pool(&pool, PixelFormat::Nv12, 800, 800)?.fill(&stream)?;
    let told = |refused: Result<()>| {
        refused
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    let reading = small.read(&stream)?;
    assert_eq!(
        told(filter.put(&stream, reading.picture(), filling.picture())),
        "size of what is converted to is (800, 800); expected (8, 8), as that of what is converted"
    );
    let reading = small.read(&other)?;
    assert!(
        told(filter.put(&stream, reading.picture(), filling.picture()))
            .contains("is held for stream 1")
    );
    Ok(())
}

/// What fills pictures with a number, and looks whether they have it in all pixels.
const NUMBERS: &str = r#"
#include "streamlib.h"

extern "C" __global__ void fill(Target to, unsigned number) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x < to.width && y < to.height) *(unsigned *)(to.planes[0] + y * to.strides[0] + 4 * x) = number;
}

// Notes in `torn` where another number is; begins anew with the number 0.
extern "C" __global__ void look(Picture from, Target torn, unsigned number) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= from.width || y >= from.height) return;
    unsigned *noted = (unsigned *)(torn.planes[0] + y * torn.strides[0] + 4 * x);
    if (number == 0) *noted = 0;
    else if (*(const unsigned *)(from.planes[0] + y * from.strides[0] + 4 * x) != number) *noted += 1;
}
"#;

/// Looks at pictures in a stream of its own.
struct Looking {
    stream: Stream,
    kernel: TrustedKernel<(Picture, Target, u32)>,
    torn: GpuFrame,
}

impl Looking {
    fn look(&mut self, frame: &GpuFrame, number: u32) -> Result<()> {
        let torn = std::mem::take(&mut self.torn).fill(&self.stream)?;
        let from = frame.read(&self.stream)?;
        let threads = Threads::over(frame.width(), frame.height());
        self.stream.start(
            &self.kernel,
            threads,
            (from.picture(), torn.picture(), number),
        )?;
        from.done()?;
        self.torn = torn.done()?;
        Ok(())
    }
}

#[test]
fn no_frame_tears_on_this_card() -> Result<()> {
    let (width, height) = (256, 128);
    for seed in 0..4 {
        let bench = Bench::new(GpuConvert::to(PixelFormat::Nv12), seed)?;
        let Place::Card(writing) = &bench.place else {
            return Err(Error::graph("a place on a card"));
        };
        let device = writing.device();
        let kernels = device.load(&Source::cuda("numbers.cu", NUMBERS))?;
        // SAFETY: these are the parameters of both, which stay within their pictures: all are in Rgba8 and of one size.
        let (fill, look) = unsafe {
            (
                kernels.trusted::<(Target, u32)>("fill")?,
                kernels.trusted::<(Picture, Target, u32)>("look")?,
            )
        };
        let pool = CardPool::new(device);
        let frame = || GpuFrame::from_pool(&pool, PixelFormat::Rgba8, width, height);
        let filled = |frame: GpuFrame, number: u32| -> Result<GpuFrame> {
            let to = frame.fill(writing)?;
            writing.start(&fill, Threads::over(width, height), (to.picture(), number))?;
            to.done()
        };
        let (mut writer, readers) = streamlib::ring::latest::<(GpuFrame, u32), 3>();
        let mut readers = readers.map(Some);
        let mut looking = Vec::new();
        for _ in 0..3 {
            let mut new = Looking {
                stream: device.stream()?,
                kernel: look.clone(),
                torn: frame()?,
            };
            let any = filled(frame()?, 1)?;
            new.look(&any, 0)?;
            looking.push(new);
        }
        let mut kept: Vec<(GpuFrame, u32)> = Vec::new();
        for number in 1..400_u32 {
            let mut slot = writer.slot();
            let memory = match std::mem::take(&mut slot.0) {
                there if there.memory().is_some_and(CardMemory::is_unique) => there,
                _ => frame()?,
            };
            *slot = (filled(memory, number)?, number);
            slot.publish();
            // Readers of three paces: on every frame, now and then, and from clones that are long out of the ring.
            for (index, (reader, looking)) in readers.iter_mut().zip(&mut looking).enumerate() {
                if !number.is_multiple_of([1, 5, 3][index]) {
                    continue;
                }
                let Some((frame, number)) =
                    reader.as_mut().and_then(|reader| reader.latest().cloned())
                else {
                    continue;
                };
                if index == 2 {
                    kept.push((frame, number));
                    if kept.len() > 6 {
                        let (frame, number) = kept.remove(0);
                        looking.look(&frame, number)?;
                    }
                } else {
                    looking.look(&frame, number)?;
                }
            }
            if number == 300 {
                readers[0] = None; // it stops, and the others go on
            }
        }
        for looking in looking {
            let torn = bench.down(&looking.torn)?;
            assert_eq!(
                torn.pixels().iter().position(|&byte| byte != 0),
                None,
                "seed {seed}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_card_that_is_asked_for_and_not_there_fails_the_tests() -> Result<()> {
    if asked_for().is_some() || Device::open(0).is_ok() {
        return Ok(()); // it is there, or this is what fails below
    }
    let program = std::env::current_exe().map_err(Error::Io)?;
    for (asked, passes) in [("cuda", false), ("0", false), ("simulated", true)] {
        let run = std::process::Command::new(&program)
            .args(["--exact", "formats_that_a_card_does_not_know_are_told"])
            .args(["pictures_come_back_from_a_card_as_they_were"])
            .env("STREAMLIB_GPU", asked)
            .output()
            .map_err(Error::Io)?;
        assert_eq!(run.status.success(), passes, "{asked}");
        let said = String::from_utf8_lossy(&run.stdout);
        let counted = if passes {
            "2 passed; 0 failed"
        } else {
            "1 passed; 1 failed"
        };
        assert!(said.contains(counted), "{said}");
    }
    Ok(())
}

#[test]
fn a_chain_of_compiled_filters_needs_no_compiler() -> Result<()> {
    /// A filter whose kernels were compiled before.
    struct Compiled(Source);

    impl GpuFilter for Compiled {
        fn source(&self) -> Source {
            self.0.clone()
        }

        fn load(&mut self, _kernels: &Module) -> Result<()> {
            Ok(())
        }

        fn makes(&self, of: &Shape) -> Result<Shape> {
            Ok(*of)
        }

        fn put(&self, _: &Stream, _: GpuPicture<'_>, _: GpuTarget<'_>) -> Result<()> {
            Ok(())
        }

        fn on_processor(&mut self, _: &VideoFrame, _: &mut VideoFrame) -> Result<()> {
            Ok(())
        }
    }

    on_one_card()?;
    if asked_for().is_some() {
        return Ok(()); // its compiler cannot be taken away
    }
    // In a program that has no C++ compiler, which is what the simulated card compiles with.
    if std::env::var_os("CXX").is_none_or(|compiler| compiler != "nowhere/c++") {
        let run = std::process::Command::new(std::env::current_exe().map_err(Error::Io)?)
            .args(["--exact", "a_chain_of_compiled_filters_needs_no_compiler"])
            .env("CXX", "nowhere/c++")
            .output()
            .map_err(Error::Io)?;
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stdout)
        );
        return Ok(());
    }
    let compiled = || Compiled(Source::cubin("a.cubin", vec![0x7f_u8, b'E', b'L', b'F']));
    let ptx = Compiled(Source::ptx("a.ptx", ".version 8.0"));
    Harness::new(GpuChain::of(compiled()).then(ptx))?;
    let told = Harness::new(GpuChain::of(compiled()).then(Negative::default())).err();
    assert!(told.is_some_and(|error| error.to_string().contains("nowhere/c++ cannot be run")));
    Ok(())
}
