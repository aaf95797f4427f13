//! A network interface: whether it is there, its address, and the timestamps that it can make.

use std::io::{Error, Result};
use std::mem::zeroed;
use std::os::fd::{AsRawFd, RawFd};
use std::path::PathBuf;

/// `linux/net_tstamp.h`, `linux/ethtool.h`.
const GET_TS_INFO: u32 = 0x41;
const TX_ON: i32 = 1;
const FILTER_ALL: i32 = 1;
const FILTER_L4_EVENT: i32 = 6;
const FILTER_EVENT: i32 = 12;
const SIOCETHTOOL: libc::c_ulong = 0x8946;
const SIOCSHWTSTAMP: libc::c_ulong = 0x89b0;

/// A request about one interface: its name, and what the request is about.
#[repr(C)]
struct Request<T> {
    name: [u8; libc::IFNAMSIZ],
    data: Data<T>,
}

/// As long as the kernel's union of all there can be.
#[repr(C)]
union Data<T> {
    pointer: *mut T,
    address: libc::sockaddr,
    room: [u64; 3],
}

#[repr(C)]
struct StampInfo {
    command: u32,
    stamping: u32,
    device: i32,
    sending: u32,
    sending_reserved: [u32; 3],
    filters: u32,
    filters_reserved: [u32; 3],
}

#[repr(C)]
struct StampConfig {
    flags: i32,
    sending: i32,
    filter: i32,
}

/// The interfaces of the calling thread's network namespace.
pub(super) fn names() -> Vec<String> {
    let list = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap_or_default();
    let names = list.lines().filter_map(|line| line.split_once(':'));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}

/// The hardware address of an interface.
pub(super) fn hardware_address(socket: RawFd, interface: &str) -> Result<[u8; 6]> {
    let mut request: Request<()> = request(interface)?;
    ask(socket, libc::SIOCGIFHWADDR, &mut request)?;
    // SAFETY: the kernel has filled in an address, and any bytes make one.
    let data = unsafe { request.data.address.sa_data };
    let mut address = [0; 6];
    for (byte, data) in address.iter_mut().zip(data) {
        *byte = data as u8;
    }
    Ok(address)
}

/// Makes the interface stamp the packets of PTP, and gives the device of its clock; `None` for an
/// interface that can't.
///
/// # Errors
/// When it can, and is not let.
pub(super) fn stamp_in_hardware(socket: RawFd, interface: &str) -> Result<Option<PathBuf>> {
    // SAFETY: plain numbers, for which zero is a value.
    let mut info: StampInfo = unsafe { zeroed() };
    info.command = GET_TS_INFO;
    let mut about = request(interface)?;
    about.data.pointer = &raw mut info;
    if ask(socket, SIOCETHTOOL, &mut about).is_err() {
        return Ok(None);
    }
    let needed = libc::SOF_TIMESTAMPING_TX_HARDWARE
        | libc::SOF_TIMESTAMPING_RX_HARDWARE
        | libc::SOF_TIMESTAMPING_RAW_HARDWARE;
    let filter = [FILTER_L4_EVENT, FILTER_EVENT, FILTER_ALL]
        .into_iter()
        .find(|filter| info.filters & (1 << filter) != 0);
    let (true, Some(filter), 0..) = (info.stamping & needed == needed, filter, info.device) else {
        return Ok(None);
    };
    let mut config = StampConfig {
        flags: 0,
        sending: TX_ON,
        filter,
    };
    let mut set = request(interface)?;
    set.data.pointer = &raw mut config;
    ask(socket, SIOCSHWTSTAMP, &mut set)?;
    Ok(Some(PathBuf::from(format!("/dev/ptp{}", info.device))))
}

fn request<T>(interface: &str) -> Result<Request<T>> {
    let mut name = [0; libc::IFNAMSIZ];
    if interface.len() >= name.len() || interface.is_empty() {
        return Err(Error::from_raw_os_error(libc::ENODEV));
    }
    name[..interface.len()].copy_from_slice(interface.as_bytes());
    let data = Data { room: [0; 3] };
    Ok(Request { name, data })
}

fn ask<T>(socket: RawFd, what: libc::c_ulong, request: &mut Request<T>) -> Result<()> {
    // SAFETY: `request` is laid out as the kernel's ifreq and as long, and a pointer in it is to what
    // `what` reads and writes.
    if unsafe { libc::ioctl(socket.as_raw_fd(), what as _, &raw mut *request) } < 0 {
        return Err(Error::last_os_error());
    }
    Ok(())
}
