//! Makes one measurement on a card and prints it as a line of JSON: `gpu NAME`, or `gpu gpu-host simulated` for what a tick costs
//! the host on the simulated card. That one has no figures of its own, so nothing else is measured on it.

use std::time::{Duration, Instant};

use streamlib::actor::Harness;
use streamlib::dispatch::Gpu;
use streamlib::gpu::{CardMemory, Device, Place, Stream};
use streamlib::prelude::*;
use streamlib_benches::Figures;

#[streamlib::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let device = device(word(0), word(1))?;
    eprintln!("{}", device.name());
    Gpu::device(device.clone());
    let figures = match word(0) {
        "gpu-host" if word(1) == SIMULATED => host(["simulated_us", "simulated_chain_us"]).await?,
        "gpu-host" => host(["us", "chain_us"]).await?,
        "gpu-live" => live().await?,
        name => match name
            .strip_prefix("gpu-composite-")
            .and_then(|rest| rest.split_once('-'))
        {
            Some((layers, rows)) => composite(&device, number(layers)?, number(rows)?)?,
            None => {
                return Err(Error::invalid(
                    "gpu's argument",
                    format_args!("{name:?}"),
                    "gpu-host, gpu-live, or gpu-composite-LAYERS-ROWS",
                ));
            }
        },
    };
    println!("{figures}");
    Ok(())
}

/// The simulated card's name.
const SIMULATED: &str = "simulated";

/// The card that a measurement is made on. What measures a card is not made on one that is none.
fn device(measurement: &str, card: &str) -> Result<Device> {
    match card {
        SIMULATED if measurement == "gpu-host" => Device::simulated(1),
        SIMULATED => Err(Error::invalid(
            "the card",
            "the simulated one",
            format!(
                "a real one: `{measurement}` would measure this machine's processor; only `gpu-host` is the host's own time"
            ),
        )),
        "" => Device::open(0),
        named => Device::named(named),
    }
}

fn number(word: &str) -> Result<u32> {
    word.parse().map_err(Error::other)
}

/// The time of one of `count` pieces of work, each put into `stream` by `put`, in microseconds.
fn each_us(stream: &Stream, count: u32, mut put: impl FnMut() -> Result<()>) -> Result<f64> {
    (0..10).try_for_each(|_| put())?;
    stream.synchronize()?;
    let begin = Instant::now();
    (0..count).try_for_each(|_| put())?;
    stream.synchronize()?;
    Ok(begin.elapsed().as_secs_f64() * 1e6 / f64::from(count))
}

/// A picture of so many layers, each half there, beside a copy on the card that moves as many bytes.
fn composite(device: &Device, layers: u32, rows: u32) -> Result<Figures> {
    let (width, height) = (rows * 16 / 9, rows);
    let settings = Layer::new().opacity(0.5).when_ended(Lost::Keep);
    let mix = (0..layers as usize).fold(GpuCompositor::new(width, height), |mix, index| {
        mix.set(index, settings)
    });
    let mut mix = Harness::new(mix)?;
    let stream = device.stream()?;
    let place = Place::Card(stream.clone());
    for level in 0..layers {
        let frame = VideoFrame::new(PixelFormat::Rgba8, width, height)?;
        let mut frame = frame;
        frame.pixels_mut().fill(level as u8 * 20);
        let mut up = Harness::new(Upload::new())?;
        let mut uploaded = up.probe(|up| &mut up.uploaded);
        up.feed(|up| &mut up.video).send(frame);
        place.run(|| up.tick())?;
        let frame = uploaded
            .latest()
            .map(|frame| frame.clone())
            .unwrap_or_default();
        mix.feed(|mix| &mut mix.layers).send(frame);
    }
    let _video = mix.probe(|mix| &mut mix.video);
    let us = each_us(&stream, 200, || place.run(|| mix.tick()))?;
    // A copy reads and writes each byte; a composite reads each layer and writes one picture.
    let bytes = (width * height * 4) as usize * (layers as usize + 1) / 2;
    let from = CardMemory::new(device, bytes)?;
    let mut to = CardMemory::new(device, bytes)?;
    let copy_us = each_us(&stream, 200, || {
        let (reading, filling) = (from.read(&stream)?, to.fill(&stream)?);
        // SAFETY: both have as many bytes, and are held for the stream.
        unsafe { stream.copy(filling.address(), reading.address(), bytes) }
    })?;
    Ok(Figures::one("us", us).and("copy_us", copy_us))
}

/// What a tick costs the host: five actors in a row, and the same as a chain whose kernels are replayed.
async fn host([us_name, chain_name]: [&'static str; 2]) -> Result<Figures> {
    let to = GpuConvert::to;
    let clock = VirtualClock::fps(60);
    let actors = pipeline! {
        clock beat = clock.clone();
        one   = GpuTestPattern::new(Pattern::SmpteBars).size(64, 64) @ beat on gpu;
        two   = to(PixelFormat::Nv12) on inline;
        three = to(PixelFormat::Uyvy) on inline;
        four  = to(PixelFormat::Rgba8) on inline;
        five  = to(PixelFormat::Nv12) on inline;
        one >> two >> three >> four >> five >> Null::new();
    }?;
    let us = a_tick_us(&clock).await?;
    actors.stop().await?;
    let to = GpuConversion::to;
    let clock = VirtualClock::fps(60);
    let chain = GpuChain::of(to(PixelFormat::Nv12))
        .then(to(PixelFormat::Uyvy))
        .then(to(PixelFormat::Rgba8))
        .then(to(PixelFormat::Nv12));
    let replayed = pipeline! {
        clock beat = clock.clone();
        one  = GpuTestPattern::new(Pattern::SmpteBars).size(64, 64) @ beat on gpu;
        rest = chain on inline;
        one >> rest >> Null::new();
    }?;
    let chain_us = a_tick_us(&clock).await?;
    replayed.stop().await?;
    Ok(Figures::one(us_name, us).and(chain_name, chain_us))
}

/// The median of bursts that are short enough for the card's queue.
async fn a_tick_us(clock: &VirtualClock) -> Result<f64> {
    const BURST: u64 = 50;
    let mut bursts = Vec::new();
    for _ in 0..60 {
        let begin = Instant::now();
        clock.advance(BURST).await?;
        bursts.push(begin.elapsed().as_secs_f64() * 1e6 / BURST as f64);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bursts.sort_by(f64::total_cmp);
    Ok(bursts[bursts.len() / 2])
}

/// Sends three pictures in turn.
#[actor]
struct Turns {
    #[output]
    video: Output<VideoFrame>,
    pictures: Vec<VideoFrame>,
}

impl Actor for Turns {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let turn = tick.frame_number as usize % self.pictures.len().max(1);
        if let Some(picture) = self.pictures.get(turn) {
            self.video.send(picture.clone(), tick);
        }
        Ok(())
    }
}

/// Upload, composite and download of 2160p, overlapped: the time of a frame, beside the period of 60 a second.
async fn live() -> Result<Figures> {
    let (width, height) = (3840, 2160);
    let pictures = (0..3).map(|level| {
        let mut frame = VideoFrame::new(PixelFormat::Rgba8, width, height)?;
        frame.pixels_mut().fill(50 * (level + 1));
        Ok(frame)
    });
    let pictures = pictures.collect::<Result<Vec<_>>>()?;
    let clock = VirtualClock::fps(60);
    let settings = Layer::new().opacity(0.5);
    let show = pipeline! {
        clock beat = clock.clone();
        turns = Turns::new(pictures) @ beat;
        up    = Upload::new();
        still = GpuTestPattern::new(Pattern::SmpteBars).size(width, height) @ beat;
        mix   = GpuCompositor::new(width, height).set(1, settings);
        down  = Download::new().overlapped();
        still >> mix.layers;
        turns >> up >> mix.layers;
        mix >> down >> Null::new();
    }?;
    clock.advance(20).await?;
    let begin = Instant::now();
    clock.advance(120).await?;
    let us = begin.elapsed().as_secs_f64() * 1e6 / 120.0;
    show.stop().await?;
    Ok(Figures::one("us", us).and("period_us", 1e6 / 60.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_measures_a_card_is_not_made_without_one() {
        for measurement in ["gpu-live", "gpu-composite-2-1080", "gpu-composite-8-2160"] {
            let told = device(measurement, SIMULATED).err();
            assert!(told.is_some_and(|error| {
                error
                    .to_string()
                    .contains("would measure this machine's processor")
            }));
            if Device::open(0).is_err() {
                assert!(device(measurement, "").is_err());
            }
        }
        assert!(device("gpu-host", SIMULATED).is_ok());
    }
}
