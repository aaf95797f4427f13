//! What a drawing allocates once it runs: nothing while it stands still, and else only what the crates that paint and shape
//! allocate for themselves, which is never a picture.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use streamlib::actor::Harness;
use streamlib::actors::drawing::{Canvas, Color, DrawContext, Gradient, Path, TextStyle};
use streamlib::prelude::*;

/// Counts allocations while it is told to, and remembers the largest.
struct Counting;

static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);
/// The allocator counts what the whole process allocates: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn count(size: usize) {
    if COUNTING.load(Ordering::Relaxed) {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        LARGEST.fetch_max(size, Ordering::Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's own promise.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
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

/// Allocations a tick, and the largest, in bytes, once it runs; every picture is read.
fn allocations(
    code: impl FnMut(&mut Canvas, &mut DrawContext<'_, ()>) + Send + 'static,
) -> (f64, usize) {
    const TICKS: u64 = 300;
    let _alone = ONE_AT_A_TIME.lock();
    let mut harness = Harness::new(Drawing::new(320, 180, code)).expect("a possible drawing");
    let mut video = harness.probe(|drawing| &mut drawing.video);
    let mut run = |ticks: u64| {
        for _ in 0..ticks {
            harness.tick().expect("a tick");
            assert!(video.fresh().is_some());
        }
    };
    run(300);
    ALLOCATIONS.store(0, Ordering::Relaxed);
    LARGEST.store(0, Ordering::Relaxed);
    COUNTING.store(true, Ordering::Relaxed);
    run(TICKS);
    COUNTING.store(false, Ordering::Relaxed);
    let count = ALLOCATIONS.load(Ordering::Relaxed);
    (count as f64 / TICKS as f64, LARGEST.load(Ordering::Relaxed))
}

#[test]
fn what_stands_still_allocates_nothing() {
    let style = TextStyle::new(20.0);
    let still = allocations(move |canvas, _| {
        canvas.fill_rect((0.0, 100.0, 320.0, 50.0), Color::BLACK);
        canvas.text((10.0, 110.0), "standing still", &style);
        canvas.line((0.0, 0.0), (100.0, 100.0), 3.0, Color::WHITE);
    });
    let nothing = allocations(|_, _| {}); // what ticking by hand costs
    assert_eq!(still, nothing);
    assert!(nothing.0 <= 1.0);
}

#[test]
fn shapes_that_move_allocate_no_picture() {
    let path = Path::circle(0.0, 0.0, 20.0);
    let ramp = Gradient::linear((0.0, 0.0), (320.0, 0.0))
        .stop(0.0, Color::BLACK)
        .stop(1.0, Color::WHITE);
    let style = TextStyle::new(20.0);
    let moving = allocations(move |canvas, ctx| {
        let x = (ctx.frame_number % 300) as f32;
        let at = streamlib::actors::drawing::Transform::translate(x, 50.0);
        canvas.fill_rect((x, 100.0, 40.0, 50.0), &ramp);
        canvas.transform(at, |canvas| canvas.fill(&path, Color::WHITE));
        canvas.text((10.0, 10.0 + x / 10.0), "moving", &style);
    });
    // What the renderer works with: a gradient's colours, the path of a letter. A picture has 230,400 bytes.
    let (count, largest) = moving;
    println!("shapes that move: {count} a tick, the largest of {largest} bytes");
    assert!(count < 50.0 && largest <= 32_768, "{moving:?}");
}

#[test]
fn text_that_changes_is_laid_out_in_memory_that_was_there() {
    let style = TextStyle::new(20.0).tabular();
    let counting = allocations(move |canvas, ctx| {
        let mut digits = [b'0'; 6];
        let mut number = ctx.frame_number;
        for digit in digits.iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
        }
        let text = std::str::from_utf8(&digits).expect("digits");
        canvas.text((10.0, 10.0), text, &style);
    });
    println!(
        "text that changes: {} a tick, the largest of {} bytes",
        counting.0, counting.1
    );
    // The shaper's three, the renderer's four and one of ticking by hand; anew for every text it would be 25.
    assert!(counting.0 < 14.0 && counting.1 <= 16_384, "{counting:?}");
}
