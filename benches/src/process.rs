//! A tick's way to another process and back, beside the same through a thread, through iceoryx2 and through a socket.
//!
//! On each side a message or a picture goes there, and one of the same size comes back; both sides write and read 16 bytes of
//! it, its number and when it left, and nobody looks at more. The journeys of the four kinds take turns.
//!
//! Each side sleeps until it is woken, both ways: ours on a futex; iceoryx2 on its events, which are datagrams on a Unix
//! socket, as somebody needs who has nothing else and does not want to burn a core; the socket in `read`. Ours starts on a
//! worker of `threads`, which the tick has woken just before; the other two on the thread that ticks.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iceoryx2::prelude::*;
use streamlib::prelude::{
    Actor, Error, Input, Output, Pipeline, PixelFormat, Result, TimedTick, VideoFrame,
    VirtualClock, actor, pipeline,
};

use crate::Figures;
use crate::figures::monotonic_ns;
use crate::journey::{Arrive, Parcel, Send, Times};

/// Journeys of each kind.
const ROUNDS: usize = 500;
/// Before each journey.
const PAUSE: Duration = Duration::from_millis(1);
/// How long a message that does not come back is waited for.
const PATIENCE: Duration = Duration::from_millis(500);
/// The number of the message that asks whether anybody is there, and of the one after which nobody need be.
const HELLO: u64 = u64::MAX;
const THE_END: u64 = u64::MAX - 1;

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
    number: u64,
}

impl Actor for Show {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let left = monotonic_ns();
        let (format, width, height) = self.size;
        let mut frame = self.video.slot();
        frame.reset(format, width, height)?;
        let pixels = frame.pixels_mut();
        pixels[..8].copy_from_slice(&self.number.to_ne_bytes());
        pixels[8..16].copy_from_slice(&left.to_ne_bytes());
        frame.publish(tick);
        self.number += 1;
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

/// One of the four ways, ready to be gone.
enum Way {
    /// By a graph, in which another actor answers.
    Graph(Pipeline, VirtualClock),
    Iceoryx2(Box<Ends>, Child),
    Socket(UnixStream, Child, Vec<u8>),
}

/// All four, in turn: one journey each, and again, so that whatever else the machine does meets all of them.
///
/// # Errors
/// When a graph can't be started, or a process.
pub async fn there_and_back(name: &str) -> Result<Figures> {
    let cargo = Cargo::of(name)?;
    let times: [Times; 4] = std::array::from_fn(|_| Times::new(ROUNDS));
    let [process, threads, iceoryx, socket] = &times;
    let mut ways = [
        by_graph(cargo, true, process)?,
        by_graph(cargo, false, threads)?,
        by_iceoryx(cargo, name)?,
        by_socket(cargo, name)?,
    ];
    for round in 0..ROUNDS {
        for turn in 0..ways.len() {
            // Each goes after each of the others as often.
            let place = match round / ways.len() % 2 {
                0 => (round + turn) % ways.len(),
                _ => (round + ways.len() - turn) % ways.len(),
            };
            // Long enough that whoever waits does sleep, as between the pictures of a camera.
            std::thread::sleep(PAUSE);
            ways[place].go(round as u64, &times[place]).await?;
        }
    }
    for way in ways {
        way.end().await?;
    }
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

impl Way {
    /// There and back once.
    async fn go(&mut self, number: u64, times: &Times) -> Result<()> {
        match self {
            Self::Graph(_, clock) => clock.advance(1).await?,
            Self::Iceoryx2(ends, _) => {
                ends.send(number, monotonic_ns())?;
                while let Some((came, left)) = ends.receive(PATIENCE)? {
                    if came == number {
                        times.arrived(came, left);
                        break;
                    }
                }
            }
            Self::Socket(socket, _, bytes) => {
                let left = monotonic_ns();
                bytes[..8].copy_from_slice(&number.to_ne_bytes());
                bytes[8..16].copy_from_slice(&left.to_ne_bytes());
                socket.write_all(bytes)?;
                socket.read_exact(bytes)?;
                times.arrived(number_in(bytes), number_in(&bytes[8..]));
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<()> {
        match self {
            Self::Graph(show, _) => {
                let copied: u64 = show.status().actors.iter().map(|actor| actor.copied).sum();
                show.stop().await?;
                if copied > 0 {
                    return Err(Error::other(format!("{copied} bytes were copied")));
                }
            }
            Self::Iceoryx2(ends, mut child) => {
                ends.send(THE_END, 0)?;
                child.wait()?;
            }
            Self::Socket(socket, mut child, _) => {
                drop(socket);
                child.wait()?;
            }
        }
        Ok(())
    }
}

fn by_graph(cargo: Cargo, in_a_process: bool, times: &Times) -> Result<Way> {
    let (count, times) = (times.count(), times.clone());
    let clock = VirtualClock::fps(250);
    let show = match (cargo, in_a_process) {
        (Cargo::Message, true) => pipeline! {
            clock house = clock.clone();
            send = Send::parcels(count) @ house;
            echo = Echo::new() on process;
            send >> echo >> Arrive::new(times);
        },
        (Cargo::Message, false) => pipeline! {
            clock house = clock.clone();
            send = Send::parcels(count) @ house;
            echo = Echo::new() on threads;
            send >> echo >> Arrive::new(times);
        },
        (Cargo::Picture(format, width, height), true) => pipeline! {
            clock house = clock.clone();
            show = Show::new((format, width, height), 0) @ house;
            back = Reflect::new() on process;
            show >> back >> Look::new(times);
        },
        (Cargo::Picture(format, width, height), false) => pipeline! {
            clock house = clock.clone();
            show = Show::new((format, width, height), 0) @ house;
            back = Reflect::new() on threads;
            show >> back >> Look::new(times);
        },
    }?;
    Ok(Way::Graph(show, clock))
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
struct Lane {
    service:
        iceoryx2::service::port_factory::publish_subscribe::PortFactory<ipc::Service, [u8], ()>,
    bell: iceoryx2::service::port_factory::event::PortFactory<ipc::Service>,
}

impl Lane {
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
    _lanes: (Lane, Lane),
    _node: Node<ipc::Service>,
}

impl Ends {
    fn new(len: usize, out: &str, back: &str) -> Result<Self> {
        iceoryx2::prelude::set_log_level(LogLevel::Error);
        let node = NodeBuilder::new()
            .signal_handling_mode(SignalHandlingMode::Disabled)
            .create::<ipc::Service>()
            .map_err(other)?;
        let (out, back) = (Lane::open(&node, out)?, Lane::open(&node, back)?);
        let publisher = out.service.publisher_builder();
        let publisher = publisher.initial_max_slice_len(len).max_loaned_samples(2);
        Ok(Self {
            publisher: publisher.create().map_err(other)?,
            notifier: out.bell.notifier_builder().create().map_err(other)?,
            subscriber: back.service.subscriber_builder().create().map_err(other)?,
            listener: back.bell.listener_builder().create().map_err(other)?,
            len,
            _lanes: (out, back),
            _node: node,
        })
    }

    fn send(&self, number: u64, left: u64) -> Result<()> {
        let mut sample = self.publisher.loan_slice_uninit(self.len).map_err(other)?;
        let bytes = number.to_ne_bytes().into_iter().chain(left.to_ne_bytes());
        for (to, byte) in sample.payload_mut().iter_mut().zip(bytes) {
            to.write(byte);
        }
        // SAFETY: only the first 16 bytes are looked at on the other side, and they are written. (The rest is
        // the memory of earlier samples; nobody compares pixels here.)
        unsafe { sample.assume_init() }.send().map_err(other)?;
        self.notifier.notify().map_err(other)?;
        Ok(())
    }

    /// The number of what comes next, and when it left.
    fn receive(&self, patience: Duration) -> Result<Option<(u64, u64)>> {
        let until = Instant::now() + patience;
        loop {
            if let Some(sample) = self.subscriber.receive().map_err(other)? {
                let bytes = sample.payload();
                return Ok(Some((number_in(bytes), number_in(&bytes[8..]))));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            // The bell may be that of a sample which was taken before it rang: look again.
            self.listener.timed_wait(|_| {}, left).map_err(other)?;
        }
    }
}

/// Names that no other run has.
fn names(tag: &str) -> (String, String) {
    (
        format!("streamlib-{tag}/there"),
        format!("streamlib-{tag}/back"),
    )
}

fn by_iceoryx(cargo: Cargo, name: &str) -> Result<Way> {
    let tag = std::process::id().to_string();
    let (there, back) = names(&tag);
    let ends = Ends::new(cargo.len(), &there, &back)?;
    let child = peer(["answer-iceoryx2", name, &tag], Stdio::null())?;
    // Until it answers, it is not there yet.
    while ends.receive(Duration::from_millis(50))?.is_none() {
        ends.send(HELLO, 0)?;
    }
    while ends.receive(Duration::from_millis(200))?.is_some() {}
    Ok(Way::Iceoryx2(Box::new(ends), child))
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
        match ends.receive(PATIENCE)? {
            Some((THE_END, _)) => break,
            Some((number, left)) => {
                silent = 0;
                ends.send(number, left)?;
            }
            None => silent += 1,
        }
    }
    Ok(())
}

fn by_socket(cargo: Cargo, name: &str) -> Result<Way> {
    let (here, there) = UnixStream::pair()?;
    let child = peer(
        ["answer-socket", name, ""],
        Stdio::from(OwnedFd::from(there)),
    )?;
    Ok(Way::Socket(here, child, vec![0; cargo.len()]))
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
