//! Through iceoryx2: a ring of one in each direction, and its events to wake who waits.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use iceoryx2::prelude::*;
use streamlib::prelude::{Error, Result};

use super::bare::{Bare, peer};
use super::{Cargo, number_in};
use crate::figures::monotonic_ns;
use crate::journey::Times;

/// How long a message that does not come back is waited for.
const PATIENCE: Duration = Duration::from_millis(500);
/// The number of the message that asks whether anybody is there, and of the one after which nobody need be.
const HELLO: u64 = u64::MAX;
const THE_END: u64 = u64::MAX - 1;

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

/// This end.
pub struct Iceoryx2 {
    ends: Ends,
    child: Child,
}

impl Bare for Iceoryx2 {
    fn open(cargo: Cargo, name: &str) -> Result<Self> {
        let tag = std::process::id().to_string();
        let (there, back) = names(&tag);
        let ends = Ends::new(cargo.len(), &there, &back)?;
        let child = peer(["answer-iceoryx2", name, &tag], Stdio::null())?;
        // Until it answers, it is not there yet.
        while ends.receive(Duration::from_millis(50))?.is_none() {
            ends.send(HELLO, 0)?;
        }
        while ends.receive(Duration::from_millis(200))?.is_some() {}
        Ok(Self { ends, child })
    }

    fn go(&mut self, number: u64, times: &Times) -> Result<()> {
        self.ends.send(number, monotonic_ns())?;
        while let Some((came, left)) = self.ends.receive(PATIENCE)? {
            if came == number {
                times.arrived(came, left);
                break;
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        self.ends.send(THE_END, 0)?;
        self.child.wait()?;
        Ok(())
    }
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
