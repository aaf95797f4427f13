//! Frames do not tear: kernels fill them with a number and look for it in all pixels, in streams of their own and at three paces.

use streamlib::gpu::{CardMemory, CardPool, Place, Source, Stream, Threads, TrustedKernel};
use streamlib::message::{Picture, Target};
use streamlib::prelude::*;

use crate::Bench;

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
