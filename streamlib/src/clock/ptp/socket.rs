//! A UDP socket of PTP whose packets are stamped by the kernel or the interface.

use std::ffi::CString;
use std::io::{Error, Result};
use std::mem::{size_of, size_of_val, zeroed};
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Where every PTP clock listens (IEEE 1588-2019, annex C): all messages but those of peer delay.
pub(super) const MULTICAST: Ipv4Addr = Ipv4Addr::new(224, 0, 1, 129);
pub(super) const EVENT_PORT: u16 = 319;
pub(super) const GENERAL_PORT: u16 = 320;

/// Which stamps a socket asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamps {
    None,
    Software,
    Hardware,
}

/// A packet that came: its length, from where, and when, on the clock of the stamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    pub length: usize,
    pub from: Ipv4Addr,
    pub stamp: Option<i64>,
}

/// An IPv4 socket on one port of one interface.
#[derive(Debug)]
pub(super) struct Socket {
    socket: OwnedFd,
    port: u16,
}

impl Socket {
    /// Opens it in the network namespace of the calling thread, and joins the multicast group.
    pub(super) fn open(interface: &str, port: u16, stamps: Stamps) -> Result<Self> {
        let kind = libc::SOCK_DGRAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: no pointer is passed, and the result is owned by nobody else.
        let socket = unsafe {
            let fd = libc::socket(libc::AF_INET, kind, 0);
            if fd < 0 {
                return Err(Error::last_os_error());
            }
            OwnedFd::from_raw_fd(fd)
        };
        let this = Self { socket, port };
        this.set(libc::SOL_SOCKET, libc::SO_REUSEADDR, &1i32)?;
        let name = CString::new(interface)?;
        // Where it isn't allowed, packets of other interfaces come in too; their domain and their
        // master tell them apart.
        let _ = this.set(
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            name.as_bytes_with_nul(),
        );
        let any = address(Ipv4Addr::UNSPECIFIED, port);
        // SAFETY: `any` is a whole address of the length that is passed.
        if unsafe { libc::bind(this.fd(), (&raw const any).cast(), LENGTH) } != 0 {
            return Err(Error::last_os_error());
        }
        // SAFETY: `name` ends with a zero.
        let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
        let group = libc::ip_mreqn {
            imr_multiaddr: in_addr(MULTICAST),
            imr_address: in_addr(Ipv4Addr::UNSPECIFIED),
            imr_ifindex: index as i32,
        };
        this.set(libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP, &group)?;
        this.set(libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &group)?;
        this.set(libc::IPPROTO_IP, libc::IP_MULTICAST_LOOP, &0i32)?;
        this.set(libc::IPPROTO_IP, libc::IP_MULTICAST_ALL, &0i32)?;
        let flags = match stamps {
            Stamps::None => 0,
            Stamps::Software => {
                libc::SOF_TIMESTAMPING_TX_SOFTWARE
                    | libc::SOF_TIMESTAMPING_RX_SOFTWARE
                    | libc::SOF_TIMESTAMPING_SOFTWARE
                    | libc::SOF_TIMESTAMPING_OPT_TSONLY
            }
            Stamps::Hardware => {
                libc::SOF_TIMESTAMPING_TX_HARDWARE
                    | libc::SOF_TIMESTAMPING_RX_HARDWARE
                    | libc::SOF_TIMESTAMPING_RAW_HARDWARE
                    | libc::SOF_TIMESTAMPING_OPT_TSONLY
            }
        };
        if flags != 0 {
            this.set(libc::SOL_SOCKET, libc::SO_TIMESTAMPING, &flags)?;
        }
        Ok(this)
    }

    pub(super) fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// The port that it was given, where any would do.
    #[cfg(test)]
    pub(super) fn local_port(&self) -> Result<u16> {
        let (mut this, mut length) = (address(Ipv4Addr::UNSPECIFIED, 0), LENGTH);
        // SAFETY: `this` is a whole address, of the length that is passed.
        let failed =
            unsafe { libc::getsockname(self.fd(), (&raw mut this).cast(), &raw mut length) };
        if failed != 0 {
            return Err(Error::last_os_error());
        }
        Ok(u16::from_be(this.sin_port))
    }

    /// Sends a packet to this port of `to`.
    pub(super) fn send(&self, packet: &[u8], to: Ipv4Addr) -> Result<()> {
        let to = address(to, self.port);
        let data = packet.as_ptr().cast();
        // SAFETY: the pointers are to `packet` and a whole address, of the lengths that are passed.
        let sent = unsafe {
            libc::sendto(
                self.fd(),
                data,
                packet.len(),
                0,
                (&raw const to).cast(),
                LENGTH,
            )
        };
        if sent < 0 {
            return Err(Error::last_os_error());
        }
        Ok(())
    }

    /// The next packet that has come, if there is one.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> Option<Received> {
        self.message(buffer, 0)
    }

    /// When a packet was sent, if there is a stamp that nobody has asked for.
    pub(super) fn sent(&self) -> Option<i64> {
        let mut nothing = [0; 16];
        self.message(&mut nothing, libc::MSG_ERRQUEUE)?.stamp
    }

    fn message(&self, buffer: &mut [u8], flags: i32) -> Option<Received> {
        // SAFETY: all of these are plain numbers and pointers, for which zero is a value.
        let (mut from, mut message): (libc::sockaddr_in, libc::msghdr) =
            unsafe { (zeroed(), zeroed()) };
        let mut part = libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        // Of u64, for it has to be aligned as a cmsghdr is.
        let mut control = [0u64; 32];
        message.msg_name = (&raw mut from).cast();
        message.msg_namelen = LENGTH;
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control);
        // SAFETY: every pointer in `message` is to a local of the length that stands beside it.
        let length = unsafe { libc::recvmsg(self.fd(), &raw mut message, flags) };
        Some(Received {
            length: usize::try_from(length).ok()?,
            from: Ipv4Addr::from(u32::from_be(from.sin_addr.s_addr)),
            stamp: stamp(&message),
        })
    }

    fn set<T: ?Sized>(&self, level: i32, option: i32, value: &T) -> Result<()> {
        let length = size_of_val(value) as libc::socklen_t;
        let value = (&raw const *value).cast();
        // SAFETY: `value` is as long as `length` says.
        if unsafe { libc::setsockopt(self.fd(), level, option, value, length) } != 0 {
            return Err(Error::last_os_error());
        }
        Ok(())
    }
}

/// The stamp in the control messages: the software's, or the interface's where there is none.
fn stamp(message: &libc::msghdr) -> Option<i64> {
    // SAFETY: `message` has been filled by recvmsg, and its control buffer is still there; the macros
    // stay inside it. Three timespecs belong to this kind of control message, aligned or not.
    unsafe {
        let mut header = libc::CMSG_FIRSTHDR(message);
        while !header.is_null() {
            let found = &*header;
            if found.cmsg_level == libc::SOL_SOCKET && found.cmsg_type == libc::SCM_TIMESTAMPING {
                let data = libc::CMSG_DATA(header).cast::<[libc::timespec; 3]>();
                let [software, _, hardware] = data.read_unaligned();
                return nanos(software).or_else(|| nanos(hardware));
            }
            header = libc::CMSG_NXTHDR(message, header);
        }
    }
    None
}

fn nanos(time: libc::timespec) -> Option<i64> {
    let nanos = time.tv_sec.checked_mul(1_000_000_000)?;
    let nanos = nanos.checked_add(time.tv_nsec)?;
    (nanos != 0).then_some(nanos)
}

const LENGTH: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

fn in_addr(address: Ipv4Addr) -> libc::in_addr {
    libc::in_addr {
        s_addr: u32::from(address).to_be(),
    }
}

fn address(to: Ipv4Addr, port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: port.to_be(),
        sin_addr: in_addr(to),
        sin_zero: [0; 8],
    }
}
