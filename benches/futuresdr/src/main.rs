//! FutureSDR's side of the comparison: prints one measurement as a line of JSON.
//!
//! Each is made twice: on its scheduler over all cores, and in one local domain (one thread, and the
//! buffers that are made for that).

use std::time::Instant;

use anyhow::{Result, bail};
use futuresdr::blocks::{Apply, MessageBurst, MessageCopy, MessageSink, NullSink};
use futuresdr::prelude::*;
use futuresdr::runtime::buffer::{
    CpuBufferWriter, DefaultCpuReader, DefaultCpuWriter, DefaultLocalCpuReader,
    DefaultLocalCpuWriter,
};
use futuresdr::runtime::dev::prelude::*;

const MESSAGES: u64 = 50_000;
const SAMPLES: u64 = 1 << 26;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (key, threads, local) = match words[..] {
        ["hop"] => ("us", hop(false)?, hop(true)?),
        ["throughput", stages] => {
            let stages = stages.parse()?;
            (
                "ns",
                throughput_on_threads(stages)?,
                throughput_local(stages)?,
            )
        }
        _ => bail!("expected: hop | throughput STAGES"),
    };
    println!("{{\"threads_{key}\": {threads}, \"local_{key}\": {local}}}");
    Ok(())
}

/// Microseconds that one message takes through one block that passes it on: what ten such blocks add.
fn hop(local: bool) -> Result<f64> {
    let (none, ten) = (messages_through(0, local)?, messages_through(10, local)?);
    Ok((ten - none) / 10.0 / MESSAGES as f64 * 1e6)
}

/// Seconds that a burst of messages takes through `blocks` blocks that pass it on.
fn messages_through(blocks: usize, local: bool) -> Result<f64> {
    let mut graph = Flowgraph::new();
    let burst = MessageBurst::new(Pmt::U64(1), MESSAGES);
    if local {
        let domain = graph.local_domain()?;
        let (source, copies, sink) = graph.with_local_domain(domain, move |ctx| {
            let copies: Vec<_> = (0..blocks).map(|_| ctx.add(MessageCopy::new())).collect();
            Ok((ctx.add(burst), copies, ctx.add(MessageSink::new())))
        })?;
        let mut last = source.id();
        for copy in &copies {
            graph.message(last, "out", copy.id(), "in")?;
            last = copy.id();
        }
        graph.message(last, "out", sink.id(), "in")?;
        return run(graph);
    }
    let mut last = graph.add(burst)?.id();
    for _ in 0..blocks {
        let copy = graph.add(MessageCopy::new())?.id();
        graph.message(last, "out", copy, "in")?;
        last = copy;
    }
    let sink = graph.add(MessageSink::new())?.id();
    graph.message(last, "out", sink, "in")?;
    run(graph)
}

/// Zeros, `SAMPLES` of them.
#[derive(Block)]
struct Zeros<O: CpuBufferWriter<Item = f32> = DefaultCpuWriter<f32>> {
    #[output]
    output: O,
    left: u64,
}

impl<O: CpuBufferWriter<Item = f32>> Zeros<O> {
    fn new() -> Self {
        Self {
            output: O::default(),
            left: SAMPLES,
        }
    }
}

impl<O: CpuBufferWriter<Item = f32>> Kernel for Zeros<O> {
    async fn work(
        &mut self,
        io: &mut WorkIo,
        _mo: &mut MessageOutputs,
        _meta: &BlockMeta,
    ) -> futuresdr::runtime::Result<()> {
        let space = self.output.slice();
        let count = self.left.min(space.len() as u64) as usize;
        space[..count].fill(0.0);
        self.output.produce(count);
        self.left -= count as u64;
        io.finished = self.left == 0;
        Ok(())
    }
}

fn scale(sample: &f32) -> f32 {
    sample * 0.5
}

/// Nanoseconds a sample through `stages` blocks that scale it, on the scheduler over all cores.
fn throughput_on_threads(stages: usize) -> Result<f64> {
    type Reader = DefaultCpuReader<f32>;
    let mut graph = Flowgraph::new();
    let source = graph.add(Zeros::<DefaultCpuWriter<f32>>::new())?;
    let sink = graph.add(NullSink::<f32, Reader>::new())?;
    let mut scales = Vec::new();
    for _ in 0..stages {
        scales.push(graph.add(Apply::new(scale))?);
    }
    let [first, .., last] = [&scales[0], &scales[stages - 1]];
    graph.stream(&source, |b| b.output(), first, |b| b.input())?;
    for pair in scales.windows(2) {
        graph.stream(&pair[0], |b| b.output(), &pair[1], |b| b.input())?;
    }
    graph.stream(last, |b| b.output(), &sink, |b| b.input())?;
    Ok(run(graph)? / SAMPLES as f64 * 1e9)
}

/// The same on one thread.
fn throughput_local(stages: usize) -> Result<f64> {
    type Reader = DefaultLocalCpuReader<f32>;
    type Writer = DefaultLocalCpuWriter<f32>;
    let mut graph = Flowgraph::new();
    let domain = graph.local_domain()?;
    graph.with_local_domain(domain, move |ctx| {
        let source = ctx.add(Zeros::<Writer>::new());
        let sink = ctx.add(NullSink::<f32, Reader>::new());
        let mut scales = Vec::new();
        for _ in 0..stages {
            scales.push(ctx.add(Apply::<_, f32, f32, Reader, Writer>::with_buffers(scale)));
        }
        let [first, .., last] = [&scales[0], &scales[stages - 1]];
        ctx.stream_local(&source, |b| b.output(), first, |b| b.input())?;
        for pair in scales.windows(2) {
            ctx.stream_local(&pair[0], |b| b.output(), &pair[1], |b| b.input())?;
        }
        ctx.stream_local(last, |b| b.output(), &sink, |b| b.input())?;
        Ok(())
    })?;
    Ok(run(graph)? / SAMPLES as f64 * 1e9)
}

/// Seconds from start to end of the graph.
fn run(graph: Flowgraph) -> Result<f64> {
    let runtime = Runtime::new();
    let begin = Instant::now();
    runtime.run(graph)?;
    Ok(begin.elapsed().as_secs_f64())
}
