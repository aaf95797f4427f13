//! Without a card: what is missing is told when a graph starts, or the same actors work on the processor.
//!
//! On a machine that has one, `on gpu` starts, and that is looked at instead.

use streamlib::dispatch::Gpu;
use streamlib::prelude::*;
use streamlib_tests::Log;
use streamlib_tests::cards::{Keep, apart, asked_for};

/// Whether graphs find a card: one that was asked for has to be there.
fn is_there() -> Result<bool> {
    match asked_for() {
        Some(_) => Gpu::status().map(|_| true),
        None => Ok(Gpu::status().is_ok()),
    }
}

fn on_a_card(clock: &VirtualClock) -> Result<Pipeline> {
    pipeline! {
        clock beat = clock.clone();
        box_   = GpuTestPattern::new(Pattern::MovingBox).size(32, 32) @ beat on gpu;
        down   = Download::new();
        box_ >> down >> Null::new();
    }
}

#[tokio::test]
async fn what_is_missing_is_told_when_the_graph_starts() -> Result<()> {
    let clock = VirtualClock::fps(60);
    if is_there()? {
        println!("{} is there", Gpu::status()?);
        return on_a_card(&clock)?.stop().await;
    }
    let told = on_a_card(&clock)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    let (begin, end) = (
        "`box_` is on `gpu`: card 0 cannot be used: ",
        "; write `on gpu.or(threads)` for machines without a card",
    );
    assert!(told.starts_with(begin) && told.ends_with(end), "{told}");
    let missing = if cfg!(feature = "cuda") {
        "libcuda"
    } else {
        "this program was built without streamlib's feature `cuda`"
    };
    assert!(told.contains(missing), "{told}");
    assert!(Gpu::status().is_err());
    Ok(())
}

#[tokio::test]
async fn the_same_graph_works_on_the_processor() -> Result<()> {
    let clock = VirtualClock::fps(60);
    let (pictures, plain) = (Log::new(), Log::new());
    let logo = TestPattern::new(Pattern::Checkerboard).size(16, 16);
    let inset = Layer::new().at(4, 4).own_size().opacity(0.5);
    let show = pipeline! {
        clock beat = clock.clone();
        box_   = GpuTestPattern::new(Pattern::MovingBox).size(64, 48).frames(5) @ beat on gpu.or(threads);
        logo   = logo @ beat;
        up     = Upload::new() on gpu.or(tokio);
        mix    = GpuCompositor::new(64, 48).set(1, inset) on gpu.or(threads);
        nv12   = GpuConvert::to(PixelFormat::Nv12) on gpu.or(threads);
        chain  = GpuChain::of(GpuConversion::to(PixelFormat::Rgba8)) on gpu.or(inline);
        down   = Download::new() on gpu.or(threads);
        keep   = Keep::new(pictures.clone());
        box_ >> mix.layers;
        logo >> up >> mix.layers;
        mix >> nv12 >> chain >> down >> keep;
    }?;
    let logo = TestPattern::new(Pattern::Checkerboard).size(16, 16);
    let same = pipeline! {
        clock beat = clock.clone();
        box_   = TestPattern::new(Pattern::MovingBox).size(64, 48).format(PixelFormat::Rgba8).frames(5) @ beat;
        logo   = logo @ beat;
        mix    = Compositor::new(64, 48).set(1, inset);
        nv12   = Convert::to(PixelFormat::Nv12);
        rgba   = Convert::to(PixelFormat::Rgba8);
        keep   = Keep::new(plain.clone());
        box_ >> mix.layers;
        logo >> mix.layers;
        mix >> nv12 >> rgba >> keep;
    }?;
    clock.advance(5).await?;
    show.stop().await?;
    same.stop().await?;
    let (pictures, plain) = (pictures.entries(), plain.entries());
    assert_eq!((pictures.len(), plain.len()), (5, 5));
    let is_there = is_there()?;
    for (picture, plain) in pictures.iter().zip(&plain) {
        let most = apart(picture, plain);
        assert!(most <= if is_there { 2 } else { 0 }, "{most}");
    }
    Ok(())
}

#[tokio::test]
async fn an_actor_for_a_card_that_is_placed_elsewhere_says_so() -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock beat = clock.clone();
        box_   = GpuTestPattern::new(Pattern::MovingBox).size(32, 32) @ beat on threads;
        box_ >> Null::new();
    }?;
    clock.advance(2).await?;
    let told = show.stop().await.err().map(|error| error.to_string());
    assert_eq!(
        told.as_deref(),
        Some(
            "actor `box_` failed: this actor works on a card, and was not placed on one: write `on gpu` after it"
        )
    );
    Ok(())
}

/// One of these tests, in a program of its own with other variables of the environment.
fn again(test: &str, variables: &[(&str, &str)]) -> Result<()> {
    let run = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", test])
        .envs(variables.iter().copied())
        .output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    Ok(())
}

#[test]
fn where_no_kernel_can_be_compiled_the_same_graph_works_on_the_processor() -> Result<()> {
    // There is a card, but nothing that compiles for it.
    again("the_same_graph_works_on_the_processor", &NO_COMPILER)
}

/// Whatever the card sends or takes.
#[actor(dispatcher = gpu)]
struct Through {
    #[input]
    video: Input<GpuFrame>,
    #[output]
    same: Output<GpuFrame>,
}

impl Actor for Through {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            self.same.send(frame.clone(), tick);
        }
        Ok(())
    }
}

const NO_COMPILER: [(&str, &str); 2] = [("STREAMLIB_GPU", "simulated"), ("CXX", "nowhere/c++")];

#[tokio::test]
async fn a_graph_that_would_be_half_on_a_card_for_want_of_a_compiler_does_not_start() -> Result<()>
{
    // What needs no kernel starts on the card all the same; what may be elsewhere is.
    if std::env::var("CXX").as_deref() != Ok(NO_COMPILER[1].1) {
        return again(
            "a_graph_that_would_be_half_on_a_card_for_want_of_a_compiler_does_not_start",
            &NO_COMPILER,
        );
    }
    let clock = VirtualClock::fps(60);
    let told = |show: Result<Pipeline>| {
        show.err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    let pattern = || TestPattern::new(Pattern::White).size(16, 16);
    let to_nv12 = || GpuConvert::to(PixelFormat::Nv12);
    let feeds = told(pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu;
        same  = Through::new() on inline;
        nv12  = to_nv12() on gpu.or(threads);
        white >> up >> same >> nv12 >> Null::new();
    });
    assert_eq!(
        feeds,
        "`same` sends pictures to `nv12`, and only one of them works on the card: `nv12` is on `gpu.or(…)` and works on the \
         processor, since the simulated card compiles kernels as C++, and nowhere/c++ cannot be run: install g++ or clang, or name \
         one in CXX; write `on gpu.or(threads)` after `up` too"
    );
    let is_fed = told(pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu.or(threads);
        nv12  = to_nv12() on gpu.or(tokio);
        down  = Download::new() on gpu;
        white >> up >> nv12 >> down >> Null::new();
    });
    assert!(
        is_fed.starts_with(
            "`nv12` sends pictures to `down`, and only one of them works on the card: `nv12` is on"
        ) && is_fed.ends_with("; write `on gpu.or(threads)` after `down` too"),
        "{is_fed}"
    );
    // A strict one that needs a kernel says itself what it needs.
    let needs = told(pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu;
        nv12  = to_nv12() on gpu;
        down  = Download::new() on gpu.or(threads);
        white >> up >> nv12 >> down >> Null::new();
    });
    assert!(
        needs.starts_with("the simulated card compiles kernels as C++"),
        "{needs}"
    );
    // Two halves that send each other nothing on a card are no trouble.
    let apart = pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu;
        down  = Download::new() on gpu;
        again = Upload::new() on gpu.or(threads);
        nv12  = to_nv12() on gpu.or(threads);
        back  = Download::new() on gpu.or(threads);
        white >> up >> down >> again >> nv12 >> back >> Null::new();
    }?;
    clock.advance(5).await?;
    let errors: u64 = apart.status().actors.iter().map(|actor| actor.errors).sum();
    apart.stop().await?;
    assert_eq!(errors, 0);
    Ok(())
}

#[tokio::test]
async fn a_graph_that_would_be_half_on_a_card_by_way_of_actors_elsewhere_does_not_start()
-> Result<()> {
    if std::env::var("CXX").as_deref() != Ok(NO_COMPILER[1].1) {
        return again(
            "a_graph_that_would_be_half_on_a_card_by_way_of_actors_elsewhere_does_not_start",
            &NO_COMPILER,
        );
    }
    let clock = VirtualClock::fps(60);
    let told = |show: Result<Pipeline>| {
        let told = show.err().map(|error| error.to_string());
        told.unwrap_or_default()
    };
    let pattern = || TestPattern::new(Pattern::White).size(16, 16);
    let to_nv12 = || GpuConvert::to(PixelFormat::Nv12);
    let by_a_tee = told(pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu;
        tee   = Tee::new() on threads;
        nv12  = to_nv12() on gpu.or(threads);
        white >> up >> tee >> nv12 >> Null::new();
    });
    assert!(
        by_a_tee.starts_with(
            "`up` sends pictures to `nv12` by way of `tee`, and only one of them works on the card: `nv12` is on `gpu.or(…)`"
        ) && by_a_tee.ends_with("; write `on gpu.or(threads)` after `up` too"),
        "{by_a_tee}"
    );
    let by_a_switch = told(pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        other = pattern() @ beat;
        up    = Upload::new() on gpu;
        up2   = Upload::new() on gpu;
        cut   = Switch::new();
        nv12  = to_nv12() on gpu.or(threads);
        white >> up >> cut.sources;
        other >> up2 >> cut.sources;
        cut >> nv12 >> Null::new();
    });
    assert!(
        by_a_switch.contains(" sends pictures to `nv12` by way of `cut`, and only one of them"),
        "{by_a_switch}"
    );
    // The other way round, and by way of several.
    let by_several = told(pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu.or(threads);
        nv12  = to_nv12() on gpu.or(threads);
        tee   = Tee::new() on threads;
        tee2  = Tee::new() on tokio;
        down  = Download::new() on gpu;
        white >> up >> nv12 >> tee >> delay(1) >> tee2 >> [down, Null::new()];
        down >> Null::new();
    });
    assert!(
        by_several.starts_with(
            "`nv12` sends pictures to `down` by way of `tee` and `tee2`, and only one of them works on the card: `nv12` is on"
        ) && by_several.ends_with("; write `on gpu.or(threads)` after `down` too"),
        "{by_several}"
    );
    // All on one side, and something elsewhere between them.
    let whole = pipeline! {
        clock beat = clock.clone();
        white = pattern() @ beat;
        up    = Upload::new() on gpu;
        tee   = Tee::new() on threads;
        down  = Download::new() on gpu;
        white >> up >> tee >> down >> Null::new();
    }?;
    clock.advance(3).await?;
    let errors: u64 = whole.status().actors.iter().map(|actor| actor.errors).sum();
    whole.stop().await?;
    assert_eq!(errors, 0);
    Ok(())
}

#[test]
fn a_picture_on_a_card_that_comes_to_the_processor_is_told() -> Result<()> {
    use streamlib::actor::Harness;
    use streamlib::gpu::{Device, Place};
    let mut up = Harness::new(Upload::new())?;
    let mut video = up.feed(|up| &mut up.video);
    let mut uploaded = up.probe(|up| &mut up.uploaded);
    video.send(VideoFrame::new(PixelFormat::Rgba8, 4, 4)?);
    Place::Card(Device::simulated(1)?.stream()?).run(|| up.tick())?;
    let frame = uploaded.latest().expect("a picture").clone();
    let mut down = Harness::new(Download::new())?;
    down.feed(|down| &mut down.video).send(frame.clone());
    let mut nv12 = Harness::new(GpuConvert::to(PixelFormat::Nv12))?;
    nv12.feed(|nv12| &mut nv12.video).send(frame.clone());
    let mut chain = Harness::new(GpuChain::of(GpuConversion::to(PixelFormat::Nv12)))?;
    chain.feed(|chain| &mut chain.video).send(frame.clone());
    let mut mix =
        Harness::new(GpuCompositor::new(4, 4).set(0, Layer::new().when_ended(Lost::Keep)))?;
    mix.feed(|mix| &mut mix.layers).send(frame);
    for told in [
        Place::Processor.run(|| down.tick()),
        Place::Processor.run(|| nv12.tick()),
        Place::Processor.run(|| chain.tick()),
        Place::Processor.run(|| mix.tick()),
    ] {
        let told = told
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            told.contains(
                "this picture is on a card, and the actor that it came to works on the processor"
            ),
            "{told}"
        );
    }
    Ok(())
}

const WRONG: &str = "first";

#[tokio::test]
async fn a_wrong_name_of_a_card_is_told_where_the_processor_would_do_too() -> Result<()> {
    if std::env::var("STREAMLIB_GPU").as_deref() != Ok(WRONG) {
        return again(
            "a_wrong_name_of_a_card_is_told_where_the_processor_would_do_too",
            &[("STREAMLIB_GPU", WRONG)],
        );
    }
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock beat = clock.clone();
        box_   = GpuTestPattern::new(Pattern::MovingBox).size(32, 32) @ beat on gpu.or(threads);
        box_ >> Null::new();
    };
    let told = show
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        told.starts_with("`box_` is on `gpu`: STREAMLIB_GPU is \"first\"; expected"),
        "{told}"
    );
    Ok(())
}
