//! Frames and sound allocate nothing once they have had their memory: counted, not read from the code.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;

use streamlib::Result;
use streamlib::actors::{Converter, Scaler};
use streamlib::memory::Pool;
use streamlib::message::{AudioBuffer, Message, Metadata, PixelFormat, VideoFrame};
use streamlib::time::TimedTick;

/// The system's allocator, and how often it was called.
struct Counting;

thread_local! {
    /// Allocations and deallocations of this thread: the test harness has another, and it allocates.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    CALLS.set(CALLS.get() + 1);
}

// SAFETY: every call is handed on unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count();
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` calls the allocator.
fn calls(work: impl FnOnce() -> Result<()>) -> Result<usize> {
    let before = CALLS.get();
    work()?;
    Ok(CALLS.get() - before)
}

#[test]
fn after_the_first_frames_nothing_is_allocated() -> Result<()> {
    const FRAMES: u64 = 1_000;

    let empty = || {
        black_box((VideoFrame::default(), AudioBuffer::default()));
        Ok(())
    };
    assert_eq!(calls(empty)?, 0, "empty handles");
    assert!(
        calls(|| VideoFrame::new(PixelFormat::Rgb8, 64, 36).map(drop))? > 0,
        "the count does count"
    );

    let mut source = VideoFrame::new(PixelFormat::Rgb8, 64, 36)?;
    source.set_metadata(Arc::new(Metadata::new().with("source", "camera 1")));
    let mut slot = VideoFrame::default();
    let mut kept = VideoFrame::default();
    let mut frame = |number: u64| -> Result<()> {
        // Handed on.
        black_box(source.clone());
        // Copied, then changed in place.
        slot.copy_from(&source)?;
        slot.pixels_mut()[0] = number as u8;
        slot.stamp(TimedTick {
            frame_number: number,
            ..TimedTick::default()
        });
        // Kept by a reader, so that the next write finds it shared: once drawn anew, once copied.
        kept = slot.clone();
        slot.pixels_mut()[1] = number as u8;
        kept.clone_from(&slot);
        slot.reset(PixelFormat::Rgb8, 64, 36)?;
        kept = slot.clone();
        Ok(())
    };
    (0..4).try_for_each(&mut frame)?;
    assert_eq!(calls(|| (0..FRAMES).try_for_each(&mut frame))?, 0, "frames");

    // Planes, with gaps between their rows.
    let mut planar = VideoFrame::default();
    let mut other = VideoFrame::default();
    let mut planes = |number: u64| -> Result<()> {
        planar.reset_with_strides(PixelFormat::I420, 63, 35, &[64, 64, 32])?;
        for mut plane in planar.planes_mut() {
            plane
                .rows_mut()
                .flatten()
                .for_each(|byte| *byte = number as u8);
        }
        other.copy_from(&planar)?;
        Ok(())
    };
    (0..4).try_for_each(&mut planes)?;
    assert_eq!(
        calls(|| (0..FRAMES).try_for_each(&mut planes))?,
        0,
        "planes"
    );

    // Converted from every format to every other.
    let mut converter = Converter::new();
    let pictures = PixelFormat::ALL
        .iter()
        .map(|&format| VideoFrame::new(format, 63, 35));
    let pictures = pictures.collect::<Result<Vec<_>>>()?;
    let mut out = VideoFrame::new(PixelFormat::Rgba8, 63, 35)?;
    let mut convert = |_| -> Result<()> {
        for (from, to) in pictures
            .iter()
            .flat_map(|from| pictures.iter().map(move |to| (from, to)))
        {
            out.reset(to.format(), 63, 35)?;
            converter.convert(from, &mut out)?;
        }
        Ok(())
    };
    convert(0)?; // `out` gets room for the largest
    assert_eq!(
        calls(|| (0..10).try_for_each(&mut convert))?,
        0,
        "converted"
    );

    // Scaled up and down in every format, translucent ones among them.
    const SIZES: [(u32, u32); 3] = [(120, 70), (20, 11), (32, 18)];
    let scaler = |_| SIZES.map(|_| Scaler::default());
    let mut scalers: Vec<_> = pictures.iter().map(scaler).collect();
    let mut scale = |_| -> Result<()> {
        for (from, scalers) in pictures.iter().zip(&mut scalers) {
            for (scaler, (width, height)) in scalers.iter_mut().zip(SIZES) {
                out.reset(from.format(), width, height)?;
                scaler.scale(from, &mut out)?;
            }
        }
        Ok(())
    };
    scale(0)?;
    assert_eq!(calls(|| (0..50).try_for_each(&mut scale))?, 0, "scaled");

    let pool = Pool::new();
    let mut pooled = |_| VideoFrame::from_pool(&pool, PixelFormat::Rgba8, 64, 36).map(drop);
    pooled(0)?;
    assert_eq!(
        calls(|| (0..FRAMES).try_for_each(&mut pooled))?,
        0,
        "frames from a pool"
    );

    // Sound at 60000/1001 frames a second: now 800, now 801 samples.
    let mut sound = AudioBuffer::default();
    let mut heard = AudioBuffer::default();
    let mut copy = AudioBuffer::default();
    let mut stretch = |number: u64| -> Result<()> {
        sound.reset(48_000, 2, if number.is_multiple_of(5) { 800 } else { 801 })?;
        sound.samples_mut().fill(0.5);
        heard = sound.clone();
        copy.copy_from(&heard)?;
        Ok(())
    };
    (0..10).try_for_each(&mut stretch)?;
    assert_eq!(
        calls(|| (0..FRAMES).try_for_each(&mut stretch))?,
        0,
        "sound"
    );
    Ok(())
}
