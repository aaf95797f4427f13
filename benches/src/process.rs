//! A tick's way to another process and back, beside the same through a thread, through iceoryx2 and through a socket.
//!
//! On each side a message or a picture goes there, and one of the same size comes back; nobody looks at more of it
//! than its number. A source sends at a steady rate, as cameras do, so that whoever waits does sleep.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iceoryx2::prelude::*;
use streamlib::prelude::ActorExt as _;
use streamlib::prelude::{
    Actor, Error, Input, Output, PixelFormat, Result, TimedTick, VideoFrame, actor, pipeline,
};

use crate::Figures;
use crate::figures::monotonic_ns;
use crate::journey::{Arrive, Parcel, Send, Times};

/// Ticks: how many, and how many a second.
const TICKS: (usize, u32) = (500, 250);

/// What goes there and back.
#[derive(Clone, Copy)]
pub enum Cargo {
    /// 64 bytes.
    Message,
    /// A picture of this format and size.
    Picture(PixelFormat, u32, u32),
}

impl Cargo {
    /// By the name that it has on the command line.
    ///
    /// # Errors
    /// When nothing has this name.
    pub fn of(name: &str) -> Result<Self> {
        match name {
            "message" => Ok(Self::Message),
            "1080p" => Ok(Self::Picture(PixelFormat::Rgb8, 1920, 1080)),
            "2160p" => Ok(Self::Picture(PixelFormat::Rgba8, 3840, 2160)),
            _ => Err(Error::invalid(
                "what crosses",
                name,
                "`message`, `1080p` or `2160p`",
            )),
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Message => 64,
            Self::Picture(format, width, height) => {
                format.channels() * width as usize * height as usize
            }
        }
    }
}

/// Sends a parcel back.
#[actor]
struct Echo {
    #[input]
    parcel: Input<Parcel>,
    #[output]
    back: Output<Parcel>,
}

impl Actor for Echo {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(parcel) = self.parcel.latest() {
            self.back.send(*parcel, tick);
        }
        Ok(())
    }
}

/// Sends pictures, in which stands when.
#[actor]
struct Show {
    #[output]
    video: Output<VideoFrame>,
    size: (PixelFormat, u32, u32),
    count: u64,
}

impl Actor for Show {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.count == 0 {
            return Err(Error::EndOfStream);
        }
        self.count -= 1;
        let (format, width, height) = self.size;
        let mut frame = self.video.slot();
        frame.reset(format, width, height)?;
        let pixels = frame.pixels_mut();
        pixels[..8].copy_from_slice(&self.count.to_ne_bytes());
        pixels[8..16].copy_from_slice(&monotonic_ns().to_ne_bytes());
        frame.publish(tick);
        Ok(())
    }
}

/// Sends another picture of the same size back.
#[actor]
struct Reflect {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    back: Output<VideoFrame>,
}

impl Actor for Reflect {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let mut back = self.back.slot();
            back.reset(frame.format(), frame.width(), frame.height())?;
            back.pixels_mut()[..16].copy_from_slice(&frame.pixels()[..16]);
            back.publish(tick);
        }
        Ok(())
    }
}

/// Notes when a picture is back.
#[actor(dispatcher = inline)]
struct Look {
    #[input]
    video: Input<VideoFrame>,
    times: Times,
}

impl Actor for Look {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            let (number, left) = (number_in(frame.pixels()), number_in(&frame.pixels()[8..]));
            self.times.arrived(number, left);
        }
        Ok(())
    }
}

fn number_in(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(u64::MAX, |bytes| u64::from_ne_bytes(*bytes))
}

/// All four, one after the other.
///
/// # Errors
/// When a graph can't be started, or a process.
pub async fn there_and_back(name: &str) -> Result<Figures> {
    let cargo = Cargo::of(name)?;
    let process = ours(cargo, true).await?;
    let threads = ours(cargo, false).await?;
    let iceoryx = iceoryx(cargo, name)?;
    let socket = socket(cargo, name)?;
    let mut figures = Figures::default();
    for (times, p50, p99) in [
        (process, "p50_us", "p99_us"),
        (threads, "threads_p50_us", "threads_p99_us"),
        (iceoryx, "iceoryx2_p50_us", "iceoryx2_p99_us"),
        (socket, "socket_p50_us", "socket_p99_us"),
    ] {
        let [median, late] = times.p50_and_p99();
        figures = figures.and(p50, median).and(p99, late);
    }
    Ok(figures)
}

async fn ours(cargo: Cargo, in_a_process: bool) -> Result<Times> {
    let times = Times::new(TICKS.0);
    let (count, fps) = (times.count(), TICKS.1);
    let show = match (cargo, in_a_process) {
        (Cargo::Message, true) => pipeline! {
            send = Send::parcels(count).fps(fps);
            echo = Echo::new() on process;
            send >> echo >> Arrive::new(times.clone());
        },
        (Cargo::Message, false) => pipeline! {
            send = Send::parcels(count).fps(fps);
            echo = Echo::new() on threads;
            send >> echo >> Arrive::new(times.clone());
        },
        (Cargo::Picture(format, width, height), true) => pipeline! {
            show = Show::new((format, width, height), count).fps(fps);
            back = Reflect::new() on process;
            show >> back >> Look::new(times.clone());
        },
        (Cargo::Picture(format, width, height), false) => pipeline! {
            show = Show::new((format, width, height), count).fps(fps);
            back = Reflect::new() on threads;
            show >> back >> Look::new(times.clone());
        },
    }?;
    show.finished().await;
    let copied: u64 = show.status().actors.iter().map(|actor| actor.copied).sum();
    show.stop().await?;
    if copied > 0 {
        return Err(Error::other(format!("{copied} bytes were copied")));
    }
    Ok(times)
}

/// Waits until tick `number` is due.
fn pace(begin: Instant, number: usize) {
    let due = begin + Duration::from_secs(1) / TICKS.1 * number as u32;
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// This program again, to answer.
fn peer(words: [&str; 3], input: Stdio) -> Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(words)
        .stdin(input)
        .spawn();
    Ok(child?)
}

fn other(error: impl std::fmt::Display) -> Error {
    Error::other(error.to_string())
}

/// One direction of iceoryx2: what is sent, and the bell.
struct Way {
    service:
        iceoryx2::service::port_factory::publish_subscribe::PortFactory<ipc::Service, [u8], ()>,
    bell: iceoryx2::service::port_factory::event::PortFactory<ipc::Service>,
}

impl Way {
    fn open(node: &Node<ipc::Service>, name: &str) -> Result<Self> {
        let service = node
            .service_builder(&name.try_into().map_err(other)?)
            .publish_subscribe::<[u8]>()
            .subscriber_max_buffer_size(1)
            .enable_safe_overflow(true)
            .subscriber_max_borrowed_samples(2)
            .history_size(0)
            .open_or_create()
            .map_err(other)?;
        let bell = node
            .service_builder(&format!("{name}/bell")[..].try_into().map_err(other)?)
            .event()
            .open_or_create()
            .map_err(other)?;
        Ok(Self { service, bell })
    }
}

/// What is used of iceoryx2 on one side: a way out and a way in.
struct Ends {
    publisher: iceoryx2::port::publisher::Publisher<ipc::Service, [u8], ()>,
    notifier: iceoryx2::port::notifier::Notifier<ipc::Service>,
    subscriber: iceoryx2::port::subscriber::Subscriber<ipc::Service, [u8], ()>,
    listener: iceoryx2::port::listener::Listener<ipc::Service>,
    len: usize,
    // Last: the ports go first.
    _ways: (Way, Way),
    _node: Node<ipc::Service>,
}

impl Ends {
    fn new(len: usize, out: &str, back: &str) -> Result<Self> {
        iceoryx2::prelude::set_log_level(LogLevel::Error);
        let node = NodeBuilder::new()
            .signal_handling_mode(SignalHandlingMode::Disabled)
            .create::<ipc::Service>()
            .map_err(other)?;
        let (out, back) = (Way::open(&node, out)?, Way::open(&node, back)?);
        let publisher = out.service.publisher_builder();
        let publisher = publisher.initial_max_slice_len(len).max_loaned_samples(2);
        Ok(Self {
            publisher: publisher.create().map_err(other)?,
            notifier: out.bell.notifier_builder().create().map_err(other)?,
            subscriber: back.service.subscriber_builder().create().map_err(other)?,
            listener: back.bell.listener_builder().create().map_err(other)?,
            len,
            _ways: (out, back),
            _node: node,
        })
    }

    fn send(&self, number: u64) -> Result<()> {
        let mut sample = self.publisher.loan_slice_uninit(self.len).map_err(other)?;
        for (to, byte) in sample.payload_mut().iter_mut().zip(number.to_ne_bytes()) {
            to.write(byte);
        }
        // SAFETY: only the first 8 bytes are looked at on the other side, and they are written. (The rest is
        // the memory of earlier samples; nobody compares pixels here.)
        unsafe { sample.assume_init() }.send().map_err(other)?;
        self.notifier.notify().map_err(other)?;
        Ok(())
    }

    fn receive(&self, patience: Duration) -> Result<Option<u64>> {
        if let Some(sample) = self.subscriber.receive().map_err(other)? {
            return Ok(Some(number_in(sample.payload())));
        }
        self.listener.timed_wait(|_| {}, patience).map_err(other)?;
        let sample = self.subscriber.receive().map_err(other)?;
        Ok(sample.map(|sample| number_in(sample.payload())))
    }
}

/// Names that no other run has.
fn names(tag: &str) -> (String, String) {
    (
        format!("streamlib-{tag}/there"),
        format!("streamlib-{tag}/back"),
    )
}

fn iceoryx(cargo: Cargo, name: &str) -> Result<Times> {
    let tag = std::process::id().to_string();
    let (there, back) = names(&tag);
    let ends = Ends::new(cargo.len(), &there, &back)?;
    let mut child = peer(["answer-iceoryx2", name, &tag], Stdio::null())?;
    // Until it answers, it is not there yet.
    while ends.receive(Duration::from_millis(50))?.is_none() {
        ends.send(u64::MAX)?;
    }
    while ends.receive(Duration::from_millis(200))?.is_some() {}
    let times = Times::new(TICKS.0);
    let begin = Instant::now();
    for number in 0..TICKS.0 {
        pace(begin, number);
        let left = monotonic_ns();
        ends.send(number as u64)?;
        while let Some(came) = ends.receive(Duration::from_millis(500))? {
            if came == number as u64 {
                times.arrived(came, left);
                break;
            }
        }
    }
    ends.send(u64::MAX - 1)?;
    child.wait()?;
    Ok(times)
}

/// The other side of iceoryx2.
///
/// # Errors
/// What iceoryx2 says.
pub fn answer_iceoryx(name: &str, tag: &str) -> Result<()> {
    let (there, back) = names(tag);
    let ends = Ends::new(Cargo::of(name)?.len(), &back, &there)?;
    let mut silent = 0;
    while silent < 20 {
        match ends.receive(Duration::from_millis(500))? {
            Some(number) if number == u64::MAX - 1 => break,
            Some(number) => {
                silent = 0;
                ends.send(number)?;
            }
            None => silent += 1,
        }
    }
    Ok(())
}

fn socket(cargo: Cargo, name: &str) -> Result<Times> {
    let (mut here, there) = UnixStream::pair()?;
    let mut child = peer(
        ["answer-socket", name, ""],
        Stdio::from(OwnedFd::from(there)),
    )?;
    let mut bytes = vec![0; cargo.len()];
    let times = Times::new(TICKS.0);
    let begin = Instant::now();
    for number in 0..TICKS.0 {
        pace(begin, number);
        bytes[..8].copy_from_slice(&(number as u64).to_ne_bytes());
        let left = monotonic_ns();
        here.write_all(&bytes)?;
        here.read_exact(&mut bytes)?;
        times.arrived(number_in(&bytes), left);
    }
    drop(here);
    child.wait()?;
    Ok(times)
}

/// The other side of the socket, which is standard input.
///
/// # Errors
/// When the socket fails.
pub fn answer_socket(name: &str) -> Result<()> {
    use std::os::fd::AsFd;
    let mut socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut bytes = vec![0; Cargo::of(name)?.len()];
    while socket.read_exact(&mut bytes).is_ok() {
        socket.write_all(&bytes)?;
    }
    Ok(())
}
