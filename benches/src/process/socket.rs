//! Through a Unix socket, which takes all bytes along.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

use streamlib::prelude::Result;

use super::bare::{Bare, peer};
use super::{Cargo, number_in};
use crate::figures::monotonic_ns;
use crate::journey::Times;

/// This end.
pub struct Socket {
    socket: UnixStream,
    child: Child,
    bytes: Vec<u8>,
}

impl Bare for Socket {
    fn open(cargo: Cargo, name: &str) -> Result<Self> {
        let (socket, there) = UnixStream::pair()?;
        let there = Stdio::from(OwnedFd::from(there));
        Ok(Self {
            socket,
            child: peer(["answer-socket", name, ""], there)?,
            bytes: vec![0; cargo.len()],
        })
    }

    fn go(&mut self, number: u64, times: &Times) -> Result<()> {
        let bytes = &mut self.bytes;
        let left = monotonic_ns();
        bytes[..8].copy_from_slice(&number.to_ne_bytes());
        bytes[8..16].copy_from_slice(&left.to_ne_bytes());
        self.socket.write_all(bytes)?;
        self.socket.read_exact(bytes)?;
        times.arrived(number_in(bytes), number_in(&bytes[8..]));
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        drop(self.socket);
        self.child.wait()?;
        Ok(())
    }
}

/// The other side of the socket, which is standard input.
///
/// # Errors
/// When the socket fails.
pub fn answer_socket(name: &str) -> Result<()> {
    let mut socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut bytes = vec![0; Cargo::of(name)?.len()];
    while socket.read_exact(&mut bytes).is_ok() {
        socket.write_all(&bytes)?;
    }
    Ok(())
}
