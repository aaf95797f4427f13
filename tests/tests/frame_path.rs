//! After the first frames nothing is allocated, two runs give the same bytes, and a lease stays.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use streamlib::prelude::*;
use streamlib_tests::pictures::{Grey, Invert};
use streamlib_tests::{Log, until};
use tokio::sync::Mutex;

/// Counts allocations while it is told to, a thread apart from the others.
struct Counting;

static COUNTING: AtomicBool = AtomicBool::new(false);
/// A thread that has allocated, and how often it has.
static ALLOCATIONS: [(AtomicU32, AtomicU64); 64] =
    [const { (AtomicU32::new(0), AtomicU64::new(0)) }; 64];

fn count() {
    if !COUNTING.load(Ordering::Relaxed) {
        return;
    }
    let thread = thread();
    for (owner, allocations) in &ALLOCATIONS {
        // Relaxed: read when the frames are through.
        let taken = owner.compare_exchange(0, thread, Ordering::Relaxed, Ordering::Relaxed);
        if taken.is_ok() || taken == Err(thread) {
            allocations.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }
}

fn thread() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

/// What the threads of streamlib, and this one, which advances the clock, have allocated since `COUNTING` was set. That
/// of others (the harness, the runtime of the test) is theirs: they allocate when they like.
fn allocated() -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for (owner, allocations) in &ALLOCATIONS {
        let (owner, allocations) = (
            owner.swap(0, Ordering::Relaxed),
            allocations.swap(0, Ordering::Relaxed),
        );
        // Err: it has ended meanwhile, as no thread does that works on frames.
        let name = std::fs::read_to_string(format!("/proc/self/task/{owner}/comm"));
        let name = name.unwrap_or_default();
        if allocations > 0 && (owner == thread() || name.starts_with("streamlib")) {
            found.push((name.trim().to_owned(), allocations));
        }
    }
    found
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.realloc(block, layout, size) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The tests of this file count what the whole process allocates: one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Hashes all the pixels that it sees.
#[actor]
struct Hash {
    #[input]
    video: Input<VideoFrame>,
    hasher: DefaultHasher,
    frames: u64,
    hashes: Log<(u64, u64)>,
}

impl Actor for Hash {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            assert_eq!(frame.frame_number(), tick.frame_number);
            self.hasher.write(frame.pixels());
            self.frames += 1;
        }
        Ok(())
    }
    async fn on_stop(&mut self) -> Result<()> {
        self.hashes.push((self.frames, self.hasher.finish()));
        Ok(())
    }
}

/// Who allocates while the clock ticks so often.
async fn allocated_in(clock: &VirtualClock, ticks: u64) -> Result<Vec<(String, u64)>> {
    COUNTING.store(true, Ordering::Relaxed);
    clock.advance(ticks).await?;
    COUNTING.store(false, Ordering::Relaxed);
    Ok(allocated())
}

/// Frames, the hash of all their pixels, and who allocated after the hundredth.
async fn ten_thousand_frames(pattern: Pattern) -> Result<(u64, u64, Vec<(String, u64)>)> {
    let hashes = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        box_ = TestPattern::new(pattern).size(64, 36) @ house;
        box_ >> Invert::new() >> Hash::new(DefaultHasher::new(), 0, hashes.clone());
    }?;
    clock.advance(100).await?;
    let allocated = allocated_in(&clock, 9_900).await?;
    show.stop().await?;
    let (frames, hash) = hashes.entries()[0];
    Ok((frames, hash, allocated))
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_frames_allocate_nothing_and_are_the_same_on_every_run() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    for pattern in [Pattern::MovingBox, Pattern::SmpteBars] {
        let (frames, first, allocated) = ten_thousand_frames(pattern).await?;
        assert_eq!((frames, allocated), (10_000, Vec::new()), "{pattern:?}");
        let (_, second, _) = ten_thousand_frames(pattern).await?;
        assert_eq!(first, second, "{pattern:?}: two runs differ");
    }
    Ok(())
}

/// Allocates on every tick.
#[actor]
struct Spend {
    #[output]
    spent: Output<DataMessage<u64>>,
}

impl Actor for Spend {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        std::hint::black_box(Box::new(tick));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_actor_allocates_is_counted() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        spend = Spend::new() @ house;
        spend >> Null::new();
    }?;
    clock.advance(100).await?;
    let allocated = allocated_in(&clock, 100).await?;
    show.stop().await?;
    let by_workers: u64 = allocated.iter().map(|(_, times)| times).sum();
    assert_eq!(by_workers, 100, "{allocated:?}");
    Ok(())
}

/// Sends pictures in I420, another each time.
#[actor]
struct Planar {
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Planar {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut frame = self.video.slot();
        frame.reset(PixelFormat::I420, 64, 36)?;
        frame.pixels_mut().fill(tick.frame_number as u8);
        frame.publish(tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_that_move_and_are_converted_and_mixed_allocate_nothing() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let hashes = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let mix = Compositor::new(64, 36).set(1, Layer::new().own_size().opacity(0.7));
    let control = mix.control();
    control.animate(1, |layer, tick| {
        layer.at(tick.frame_number as i32 % 64 - 32, 5)
    })?;
    let fade = Crossfade::new(64, 36);
    let between = fade.control();
    let show = pipeline! {
        clock house = clock.clone();
        box_ = TestPattern::new(Pattern::MovingBox).size(64, 36) @ house;
        planar = Planar::new() @ house;
        box_ >> mix.layers;
        planar >> mix.layers;
        mix >> fade.sources;
        planar >> fade.sources;
        fade >> Delay::ticks(3) >> Tee::new() >> Hash::new(DefaultHasher::new(), 0, hashes.clone());
    }?;
    between.mix(1, 200);
    clock.advance(100).await?;
    assert_eq!(allocated_in(&clock, 900).await?, Vec::new());
    control.set(1, Layer::new().own_size())?; // a change allocates where it is made, and not on the tick
    between.mix(0, 50);
    assert_eq!(allocated_in(&clock, 100).await?, Vec::new());
    show.stop().await?;
    assert_eq!(hashes.entries()[0].0, 1100 - 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_glides_and_a_grade_that_changes_allocate_nothing() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let clock = VirtualClock::new(Rate::fps(60));
    let mix = Compositor::new(320, 180).set(1, Layer::new().size(4, 4));
    let layers = mix.control();
    let grade = ColorCorrect::new();
    let colours = grade.control();
    let show = pipeline! {
        clock house = clock.clone();
        below = TestPattern::new(Pattern::MovingBox).size(320, 180) @ house;
        above = TestPattern::new(Pattern::MovingBox).size(128, 72) @ house;
        below >> mix.layers;
        above >> mix.layers;
        mix >> grade >> Null::new();
    }?;
    let lut = "LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n";
    let lut = std::sync::Arc::new(Lut3d::parse(lut)?);
    // To other sizes each time, all of which lie between those of the first.
    for (round, (width, height)) in [(300, 170), (4, 4), (171, 93), (60, 170), (300, 9)]
        .into_iter()
        .enumerate()
    {
        layers.glide(1, 90, |layer| layer.size(width, height))?;
        colours.set(Grade {
            gain: [1.0 - 0.1 * round as f32; 3],
            lut: (round % 2 == 1).then(|| lut.clone()),
            ..Grade::default()
        })?;
        let allocated = allocated_in(&clock, 100).await?;
        if round > 1 {
            assert_eq!(allocated, Vec::new(), "{width} × {height}");
        }
    }
    show.stop().await
}

/// The hash of all pixels, scaled and converted on ticks of this rate, and who allocated after the fiftieth.
async fn scaled_and_converted(rate: Rate) -> Result<(u64, Vec<(String, u64)>)> {
    let hashes = Log::new();
    let clock = VirtualClock::new(rate);
    let show = pipeline! {
        clock house = clock.clone();
        box_ = TestPattern::new(Pattern::MovingBox).size(320, 180) @ house;
        box_ >> Scale::to(400, 250) >> Convert::to(PixelFormat::Nv12)
            >> Hash::new(DefaultHasher::new(), 0, hashes.clone());
    }?;
    clock.advance(50).await?;
    let allocated = allocated_in(&clock, 150).await?;
    show.stop().await?;
    Ok((hashes.entries()[0].1, allocated))
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_are_split_allocate_nothing_and_are_the_same() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let (whole, allocated) = scaled_and_converted(Rate::fps(1)).await?;
    assert_eq!(allocated, Vec::new());
    // A microsecond a tick is too little for one core.
    let (split, allocated) = scaled_and_converted(Rate::fps(1_000_000)).await?;
    assert_eq!(allocated, Vec::new());
    assert_eq!(whole, split);
    let hands = || {
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
        let names =
            tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names
            .filter(|name| name.trim() == "streamlib-bands")
            .count()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Again and again: where a thread ends meanwhile, as those of the graph do now, the kernel's list ends with it.
    assert!(until(|| hands() == (cores - 1).min(7)).await, "{}", hands());
    Ok(())
}

#[cfg(target_os = "linux")]
streamlib::process::before_main!();

/// Frames, the hash of all their pixels, who allocated here after the hundredth, and the bytes that were copied.
#[cfg(target_os = "linux")]
async fn through_another_process(pattern: Pattern) -> Result<(u64, u64, Vec<(String, u64)>, u64)> {
    let hashes = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        box_   = TestPattern::new(pattern).size(64, 36) @ house;
        invert = Invert::new() on process;
        box_ >> invert >> Hash::new(DefaultHasher::new(), 0, hashes.clone());
    }?;
    clock.advance(100).await?;
    let allocated = allocated_in(&clock, 4_900).await?;
    let copied = show
        .status()
        .actor("invert")
        .map_or(1, |invert| invert.copied);
    show.stop().await?;
    let (frames, hash) = hashes.entries()[0];
    Ok((frames, hash, allocated, copied))
}

/// The parent's side of it: what the worker does, it does in its own process.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn through_another_process_nothing_is_allocated_or_copied_and_the_bytes_are_the_same()
-> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    for pattern in [Pattern::MovingBox, Pattern::SmpteBars] {
        let (frames, there, allocated, copied) = through_another_process(pattern).await?;
        assert_eq!(
            (frames, allocated, copied),
            (5_000, Vec::new(), 0),
            "{pattern:?}"
        );
        let hashes = Log::new();
        let clock = VirtualClock::new(Rate::fps(60));
        let show = pipeline! {
            clock house = clock.clone();
            box_ = TestPattern::new(pattern).size(64, 36) @ house;
            box_ >> Invert::new() >> Hash::new(DefaultHasher::new(), 0, hashes.clone());
        }?;
        clock.advance(5_000).await?;
        show.stop().await?;
        assert_eq!(hashes.entries()[0], (5_000, there), "{pattern:?}");
    }
    Ok(())
}

/// Holds a frame for a second, and says whether it changed.
#[actor]
struct Hold {
    #[input]
    video: Input<VideoFrame>,
    held: Log<bool>,
}

impl Actor for Hold {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let grey = frame.pixels()[0];
            let start = Instant::now();
            let mut whole = true;
            while start.elapsed() < Duration::from_secs(1) {
                whole &= frame.pixels().iter().all(|&byte| byte == grey);
                std::thread::sleep(Duration::from_millis(5));
            }
            assert!(frame.tick().frame_number >= tick.frame_number);
            self.held.push(whole);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_held_for_a_second_stalls_nobody_and_never_changes() -> Result<()> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let held = Log::new();
    let show = pipeline! {
        grey = Grey::new(PixelFormat::Rgb8, 320, 180).fps(200);
        other = Null::<VideoFrame>::new();
        grey >> [Hold::new(held.clone()), other];
    }?;
    assert!(until(|| held.entries().len() >= 2).await);
    let status = show.status();
    show.stop().await?;
    assert!(
        held.entries().iter().all(|whole| *whole),
        "a frame changed while it was held"
    );
    for node in ["grey", "other"] {
        let status = status.actor(node).expect("it is in the graph");
        // Two seconds at 200 fps; had the writer waited, it would be two or three.
        assert!(
            status.ticks > 100,
            "{node} worked on {} ticks",
            status.ticks
        );
    }
    Ok(())
}
