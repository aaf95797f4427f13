//! A bad wire: frames are handed on later, unevenly, or not at all.
//!
//! It does what netem does, in user space, where the kernel has been built without netem: those of small virtual
//! machines often are, and a test that needs it would not run there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ffi::CString;
use std::io::{Error, Result};
use std::mem::{size_of, size_of_val, zeroed};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// What happens to the frames of one direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// How much later each comes.
    pub delay: Duration,
    /// And by how much more, at most: evenly spread.
    pub jitter: Duration,
    /// How many of a hundred don't come.
    pub loss: u32,
}

impl Trouble {
    /// The same as words for `tc qdisc`. netem's jitter goes both ways from the middle.
    pub(crate) fn as_netem(self) -> String {
        let half = self.jitter / 2;
        format!(
            "netem limit 10000 delay {}us {}us loss {}%",
            (self.delay + half).as_micros(),
            half.as_micros(),
            self.loss
        )
    }
}

/// Two interfaces of one machine that are joined by bad wire until it is dropped.
pub(crate) struct Wire(Arc<AtomicBool>);

impl Wire {
    /// Joins two interfaces of the calling thread's namespace; `there` is what happens from the first to
    /// the second, `back` what happens on the way back.
    pub(crate) fn join(first: &str, second: &str, there: Trouble, back: Trouble) -> Result<Self> {
        let cut = Arc::<AtomicBool>::default();
        let ends = [Arc::new(open(first)?), Arc::new(open(second)?)];
        for (from, to, trouble) in [(0, 1, there), (1, 0, back)] {
            let (from, to, cut) = (
                Arc::clone(&ends[from]),
                Arc::clone(&ends[to]),
                Arc::clone(&cut),
            );
            let (hand, handed) = channel();
            std::thread::spawn(move || take(&from, trouble, &hand, &cut));
            std::thread::spawn(move || hand_on(&to, &handed));
        }
        Ok(Self(cut))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// When a frame is due, and the frame.
type Late = (Instant, Vec<u8>);

fn take(from: &OwnedFd, trouble: Trouble, hand: &Sender<Late>, cut: &AtomicBool) {
    let mut random = 1u64;
    let mut frame = [0; 2_048];
    while !cut.load(Ordering::Relaxed) {
        // SAFETY: the pointer is to as many bytes as are passed.
        let length =
            unsafe { libc::recv(from.as_raw_fd(), frame.as_mut_ptr().cast(), frame.len(), 0) };
        let now = Instant::now();
        // Err: nothing has come for a while.
        let Ok(length) = usize::try_from(length) else {
            continue;
        };
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        if random >> 33 & 0xffff < u64::from(trouble.loss) * 0x1_0000 / 100 {
            continue;
        }
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let part = (random >> 33) as f64 / f64::from(1u32 << 31);
        let mut frame = frame[..length].to_vec();
        if frame.get(12..14) == Some(&[8, 0]) && frame.get(23) == Some(&17) {
            // UDP whose checksum the interface was to fill in: none is allowed too.
            if let Some(checksum) = frame.get_mut(40..42) {
                checksum.fill(0);
            }
        }
        let due = now + trouble.delay + trouble.jitter.mul_f64(part);
        if hand.send((due, frame)).is_err() {
            return;
        }
    }
}

fn hand_on(to: &OwnedFd, handed: &Receiver<Late>) {
    let mut waiting = BinaryHeap::<Reverse<Late>>::new();
    loop {
        let wait = waiting
            .peek()
            .map_or(Duration::from_secs(1), |Reverse((due, _))| {
                due.saturating_duration_since(Instant::now())
            });
        match handed.recv_timeout(wait) {
            Ok(late) => waiting.push(Reverse(late)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while waiting
            .peek()
            .is_some_and(|Reverse((due, _))| *due <= Instant::now())
        {
            let Some(Reverse((_, frame))) = waiting.pop() else {
                break;
            };
            // SAFETY: the pointer is to as many bytes as are passed. A frame that can't be sent is lost.
            unsafe { libc::send(to.as_raw_fd(), frame.as_ptr().cast(), frame.len(), 0) };
        }
    }
}

/// A socket of all that comes on an interface; a receive from it waits a fifth of a second at most.
fn open(interface: &str) -> Result<OwnedFd> {
    let every = (libc::ETH_P_ALL as u16).to_be();
    let name = CString::new(interface)?;
    let one = 1i32;
    // SAFETY: every pointer is to a local of the length that is passed, and the socket is ours alone.
    unsafe {
        let fd = libc::socket(
            libc::AF_PACKET,
            libc::SOCK_RAW | libc::SOCK_CLOEXEC,
            every.into(),
        );
        if fd < 0 {
            return Err(Error::last_os_error());
        }
        let socket = OwnedFd::from_raw_fd(fd);
        let mut address: libc::sockaddr_ll = zeroed();
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = every;
        address.sll_ifindex = libc::if_nametoindex(name.as_ptr()) as i32;
        let wait = libc::timeval {
            tv_sec: 0,
            tv_usec: 200_000,
        };
        let length = size_of::<libc::sockaddr_ll>() as u32;
        let failed = libc::bind(fd, (&raw const address).cast(), length) != 0
            || libc::setsockopt(
                fd,
                libc::SOL_SOCKET,
                libc::SO_RCVTIMEO,
                (&raw const wait).cast(),
                size_of_val(&wait) as u32,
            ) != 0
            || libc::setsockopt(
                fd,
                libc::SOL_PACKET,
                libc::PACKET_IGNORE_OUTGOING,
                (&raw const one).cast(),
                size_of_val(&one) as u32,
            ) != 0;
        if failed {
            return Err(Error::last_os_error());
        }
        Ok(socket)
    }
}
