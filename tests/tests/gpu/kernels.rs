//! Kernels of a user's own: an actor of them, what they are given, and what is told of mistakes.

use streamlib::gpu::{
    Argument, CardMemory, CardPool, Device, Module, OnProcessor, Place, Slice, SliceMut, Source,
    Stream, Threads, TrustedKernel,
};
use streamlib::message::{Picture, Target};
use streamlib::prelude::*;
use streamlib_tests::Log;
use streamlib_tests::cards::Keep;

use crate::{Bench, on_one_card};

/// Kernels of a user's own.
pub const INVERT: &str = r#"
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
pub type Inverting = TrustedKernel<(Picture, Target)>;

pub fn inverting(kernels: &Module) -> Result<Inverting> {
    // SAFETY: these are its parameters, and it stays within both pictures, which are in Rgba8 wherever it is started.
    unsafe { kernels.trusted("invert") }
}

/// The negative of a picture in Rgba8: an actor of a user's own, on a card and on the processor.
#[actor(dispatcher = gpu, new = assemble)]
pub struct Invert {
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
