//! CUDA's cards, by cudarc: its libraries are looked for when a card is opened, and nothing else names that crate.
//!
//! cudarc panics where a library or a function in it is missing. So libraries are asked for before, and so is every function
//! that is called here (`functions.rs`).

mod card;
mod functions;
mod nvrtc;

use cudarc::driver::sys::CUresult;

pub(super) use card::open;
pub(super) use nvrtc::{to_cubin, to_ptx};

use crate::{Error, Result};

/// What the driver says.
fn done(result: CUresult, what: &str) -> Result<()> {
    result.result().map_err(|error| {
        let text = |text: Result<&std::ffi::CStr, _>| match text {
            Ok(text) => text.to_string_lossy().into_owned(),
            Err::<_, cudarc::driver::result::DriverError>(_) => String::new(),
        };
        let (name, said) = (text(error.error_name()), text(error.error_string()));
        Error::graph(format_args!("the card: {what}: {said} ({name})"))
    })
}
