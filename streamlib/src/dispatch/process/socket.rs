//! Messages with descriptors, from one process to another.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

use crate::{Error, Result};

/// The most descriptors of one message.
const MOST: usize = 4;

/// Two ends that are connected, each message whole, neither inherited.
pub(super) fn pair() -> Result<(OwnedFd, OwnedFd)> {
    rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .map_err(|error| Error::Io(error.into()))
}

/// Sends a message; does not wait for room.
pub(super) fn send(socket: impl AsFd, bytes: &[u8], files: &[BorrowedFd<'_>]) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() && !control.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(Error::other("too many descriptors for one message"));
    }
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    loop {
        match rustix::net::sendmsg(&socket, &[IoSlice::new(bytes)], &mut control, flags) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Io(error.into())),
        }
    }
}

/// Whether to wait for a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Yes,
    No,
}

/// Takes the next message into `bytes`: how long it was, and the descriptors that came with it. A length of 0 is
/// the end.
///
/// # Errors
/// When there is none and it is not waited for, or it does not fit. [`Error::Io`] with `EMFILE` or `ENFILE` when its
/// descriptors are lost because this process may have no more open.
pub(super) fn receive(
    socket: impl AsFd,
    bytes: &mut [u8],
    wait: Wait,
) -> Result<(usize, Vec<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut flags = RecvFlags::CMSG_CLOEXEC;
    if wait == Wait::No {
        flags |= RecvFlags::DONTWAIT;
    }
    let received = loop {
        let mut into = [IoSliceMut::new(bytes)];
        match rustix::net::recvmsg(&socket, &mut into, &mut control, flags) {
            Ok(received) => break received,
            Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Io(error.into())),
        }
    };
    let mut files = Vec::with_capacity(MOST);
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(came) = message {
            files.extend(came);
        }
    }
    if received.flags.contains(ReturnFlags::CTRUNC) {
        // Either there were more descriptors than there is space for, or this process may have no more.
        rustix::io::fcntl_dupfd_cloexec(&socket, 0).map_err(|error| Error::Io(error.into()))?;
        return Err(Error::other("a message with too many descriptors"));
    }
    if received.flags.contains(ReturnFlags::TRUNC) {
        return Err(Error::other("a message that is too long"));
    }
    Ok((received.bytes, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_whole_with_its_descriptors() -> Result<()> {
        let (here, there) = pair()?;
        let file = std::fs::File::open("/dev/null")?;
        send(&here, b"one", &[file.as_fd(), here.as_fd()])?;
        send(&here, b"two", &[])?;
        let mut bytes = [0; 16];
        let (len, files) = receive(&there, &mut bytes, Wait::Yes)?;
        assert_eq!((&bytes[..len], files.len()), (&b"one"[..], 2));
        let (len, files) = receive(&there, &mut bytes, Wait::No)?;
        assert_eq!((&bytes[..len], files.len()), (&b"two"[..], 0));
        assert!(receive(&there, &mut bytes, Wait::No).is_err());
        send(&here, &[0; 17], &[])?;
        assert!(
            receive(&there, &mut bytes, Wait::No).is_err(),
            "it is cut off"
        );
        // More descriptors than there is space for, which no message of ours has.
        let many = [here.as_fd(); 2 * MOST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2 * MOST))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(&many)));
        let bytes = [IoSlice::new(b"many")];
        rustix::net::sendmsg(&here, &bytes, &mut control, SendFlags::empty())
            .map_err(|error| Error::Io(error.into()))?;
        let error = receive(&there, &mut [0; 16], Wait::No).unwrap_err();
        assert!(
            error.to_string().contains("too many descriptors"),
            "{error}"
        );
        drop((here, files));
        Ok(())
    }
}
