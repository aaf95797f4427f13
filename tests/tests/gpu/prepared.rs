//! Actors that are told how large their pictures are take their memory when they start; others when the first picture comes.

use streamlib::gpu::Place;
use streamlib::prelude::*;

use crate::{Bench, noise};

const PICTURE: (PixelFormat, u32, u32) = (PixelFormat::Rgba8, 64, 36);

/// How often the card's memory is taken while pictures go through an actor that has started: by the first, and by those after it
/// until its ring has gone round twice.
fn taken<A: Actor + 'static, I: Message + Clone, O: Message + Clone>(
    actor: A,
    input: fn(&mut A) -> &mut Input<I>,
    output: fn(&mut A) -> &mut Output<O>,
    pictures: &[I],
    bench: &Bench<Download>,
) -> Result<(u64, u64)> {
    let Place::Card(stream) = &bench.place else {
        return Err(Error::graph("a place on a card"));
    };
    let device = stream.device();
    let mut harness = streamlib::actor::Harness::new(actor)?;
    let mut source = harness.feed(input);
    let mut probe = harness.probe(output);
    bench.place.run(|| harness.tick())?; // which starts it
    let mut counts = Vec::new();
    let mut held = None;
    for tick in 0..12 {
        let before = device.allocations();
        source.send(pictures[tick % pictures.len()].clone());
        bench.place.run(|| harness.tick())?;
        held = probe.fresh().map(|picture| picture.clone()); // as an actor below does, until its next tick
        counts.push(device.allocations() - before);
    }
    assert!(held.is_some());
    Ok((counts[0], counts[1..].iter().sum()))
}

#[test]
fn who_knows_the_size_takes_memory_at_the_start_and_not_on_a_tick() -> Result<()> {
    let bench = Bench::new(Download::new(), 11)?;
    let (format, width, height) = PICTURE;
    let pictures: Result<Vec<VideoFrame>> = (1..4)
        .map(|seed| noise(format, width, height, seed))
        .collect();
    let pictures = pictures?;
    let on_card: Result<Vec<GpuFrame>> = pictures.iter().map(|frame| bench.up(frame)).collect();
    let on_card = on_card?;
    let chain = || {
        let to = GpuConversion::to;
        GpuChain::of(to(PixelFormat::Nv12)).then(to(PixelFormat::Uyvy))
    };
    let nv12 = || GpuConvert::to(PixelFormat::Nv12);
    let up = |up: Upload| {
        taken(
            up,
            |up| &mut up.video,
            |up| &mut up.uploaded,
            &pictures,
            &bench,
        )
    };
    let down = |down: Download| {
        taken(
            down,
            |down| &mut down.video,
            |down| &mut down.downloaded,
            &on_card,
            &bench,
        )
    };
    let convert = |one: GpuConvert| {
        taken(
            one,
            |one| &mut one.video,
            |one| &mut one.converted,
            &on_card,
            &bench,
        )
    };
    let filter = |one: GpuChain| {
        taken(
            one,
            |one| &mut one.video,
            |one| &mut one.filtered,
            &on_card,
            &bench,
        )
    };

    let told = [
        up(Upload::new().ready_for(format, width, height))?,
        down(Download::new().ready_for(format, width, height))?,
        down(
            Download::new()
                .overlapped()
                .ready_for(format, width, height),
        )?,
        convert(nv12().ready_for(format, width, height))?,
        filter(chain().ready_for(format, width, height))?,
    ];
    assert_eq!(told, [(0, 0); 5]);

    // Page-locked memory and the card's; nothing else of a chain than what it sends and what lies between.
    let untold = [up(Upload::new())?, convert(nv12())?, filter(chain())?];
    assert_eq!(untold.map(|(first, _)| first), [2, 1, 2]);
    Ok(())
}

#[test]
fn pictures_that_cannot_be_are_refused_before_anything_runs() -> Result<()> {
    let told = |checked: Result<()>| {
        checked
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    let none = told(Upload::new().ready_for(PixelFormat::Rgba8, 0, 36).check());
    assert!(none.starts_with("width is 0 pixels; expected "), "{none}");
    assert!(!told(Download::new().ready_for(PixelFormat::Rgba8, 64, 0).check()).is_empty());
    let format = "format on a card is I420; expected ";
    let chain = GpuChain::of(GpuConversion::to(PixelFormat::Nv12));
    for refused in [
        told(
            GpuConvert::to(PixelFormat::Nv12)
                .ready_for(PixelFormat::I420, 64, 36)
                .check(),
        ),
        told(chain.ready_for(PixelFormat::I420, 64, 36).check()),
    ] {
        assert!(refused.starts_with(format), "{refused}");
    }
    Ok(())
}
