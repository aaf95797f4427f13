//! Filters in a row, as one piece of work that is captured once.

use streamlib::actor::Harness;
use streamlib::gpu::{CardPool, Module, Source, Stream, Threads};
use streamlib::message::{GpuPicture, GpuTarget, Shape};
use streamlib::prelude::*;
use streamlib_tests::cards::{apart, asked_for, card};

use crate::kernels::{INVERT, Inverting, inverting};
use crate::pictures::converted;
use crate::{Bench, noise, on_one_card};

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
            .args([
                "--exact",
                "chains::a_chain_of_compiled_filters_needs_no_compiler",
            ])
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
