//! Frames that stay on a card: the simulated one, on which the very kernels run, late and out of order, compiled as C++; or a
//! real one, with `STREAMLIB_GPU=cuda`. Their pixels are those of the actors that do the same on the processor, to one code.

mod asked;
mod chains;
mod kernels;
mod layers;
mod pictures;
mod prepared;
mod tearing;

use std::sync::{Mutex, PoisonError};

use streamlib::actor::Harness;
use streamlib::dispatch::Gpu;
use streamlib::gpu::Place;
use streamlib::prelude::*;
use streamlib_tests::Log;
use streamlib_tests::cards::{Keep, apart, card};

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
struct Bench<A: Actor + 'static> {
    harness: Harness<A>,
    place: Place,
    /// Streams in which pictures come and go.
    up: Place,
    down: Place,
}

impl<A: Actor + 'static> Bench<A> {
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

const FORMATS: [PixelFormat; 5] = [
    PixelFormat::Rgb8,
    PixelFormat::Rgba8,
    PixelFormat::Bgra8,
    PixelFormat::Nv12,
    PixelFormat::Uyvy,
];
