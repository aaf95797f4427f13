//! Keeps idle cores awake, so that a timer that rings, and a thread that is woken, need not wait for one to wake.

use std::fs::{File, OpenOptions};
use std::io::Write;

/// Where Linux is told how long a core may take to wake, for as long as the file is open.
const DEVICE: &str = "/dev/cpu_dma_latency";

/// No core that idles sleeps while this is held. However the program ends, the kernel lets them sleep again.
#[derive(Debug)]
pub(in super::super) struct Awake {
    _device: File,
}

impl Awake {
    /// # Errors
    /// Why it could not be asked for, in words.
    pub(super) fn ask() -> Result<Self, String> {
        let opened = OpenOptions::new().write(true).open(DEVICE);
        // A number of 32 bits, in microseconds.
        let asked = opened.and_then(|mut device| {
            device.write_all(&0_i32.to_ne_bytes())?;
            Ok(device)
        });
        match asked {
            Ok(device) => Ok(Self { _device: device }),
            Err(error) => Err(format!("idle cores kept awake ({DEVICE}: {error})")),
        }
    }
}
