//! A tick's way to another process and back, beside the same through a thread, through iceoryx2 and through a socket.
//!
//! On each side a message or a picture goes there, and one of the same size comes back; both sides write and read 16 bytes of
//! it, its number and when it left, and nobody looks at more. The journeys of the four kinds take turns on the ticks of one
//! clock of real time.
//!
//! Ours are graphs as a user has them: the clock's thread wakes a worker of `threads`, on which a journey begins. The other two
//! have a thread of their own that sleeps until the tick is due. From there on each sleeps until it is woken, both ways: ours on
//! a futex; iceoryx2 on its events, which are datagrams on a Unix socket, as somebody needs who has nothing else and does not
//! want to burn a core; the socket in `read`.

mod bare;
mod graph;
mod iceoryx;
mod socket;
mod turns;

use streamlib::prelude::{Error, PixelFormat, Result, SoftwareClock};

use crate::Figures;
use crate::journey::Times;
use bare::Journeys;
use turns::Turn;

pub use iceoryx::answer_iceoryx;
pub use socket::answer_socket;

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

    /// Journeys of each kind, and ticks a second for all four, so few that hardly a journey takes as long as a tick.
    fn rounds_and_rate(self) -> (usize, u32) {
        match self {
            Self::Message => (400, 240),
            Self::Picture(_, 1920, _) => (240, 120),
            Self::Picture(..) => (120, 30),
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

fn number_in(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(u64::MAX, |bytes| u64::from_ne_bytes(*bytes))
}

/// All four, in turn: one journey each, and again, so that whatever else the machine does meets all of them. A journey that does not
/// end, since the next one of its kind has overtaken it, is `lost`, and later than all others.
///
/// # Errors
/// When a graph can't be started, or a process.
pub async fn there_and_back(name: &str) -> Result<Figures> {
    let cargo = Cargo::of(name)?;
    let (rounds, rate) = cargo.rounds_and_rate();
    let times: [Times; 4] = std::array::from_fn(|_| Times::new(rounds));
    let [process, threads, iceoryx, socket] = &times;
    let house = SoftwareClock::fps(rate);
    let turn = |which| Turn::of(&house, which);
    let bare = [
        Journeys::open::<iceoryx::Iceoryx2>(cargo, name, turn(2)?, iceoryx.clone()),
        Journeys::open::<socket::Socket>(cargo, name, turn(3)?, socket.clone()),
    ];
    let graphs = [
        graph::on_process(cargo, turn(0)?, process.clone())?,
        graph::on_threads(cargo, turn(1)?, threads.clone())?,
    ];
    let bare = bare.map(Journeys::begin);
    for show in graphs {
        graph::end(show).await?;
    }
    for thread in bare {
        let panicked = |_| Error::other("a thread panicked");
        thread.join().map_err(panicked)??;
    }
    let mut figures = Figures::default();
    for (times, names) in [
        (process, ["p50_us", "p99_us", "lost"]),
        (
            threads,
            ["threads_p50_us", "threads_p99_us", "threads_lost"],
        ),
        (
            iceoryx,
            ["iceoryx2_p50_us", "iceoryx2_p99_us", "iceoryx2_lost"],
        ),
        (socket, ["socket_p50_us", "socket_p99_us", "socket_lost"]),
    ] {
        for (name, value) in names.into_iter().zip(times.p50_p99_and_lost()) {
            figures = figures.and(name, value);
        }
    }
    Ok(figures)
}
