//! Kernels of a file, compiled when a program is built.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Source;
use crate::{Error, Result};

/// Compiles the kernels of a file when a program is built: for its build script.
///
/// `file` is a path from where the package's `Cargo.toml` is. Its kernels become PTX for cards of compute capability `capability`
/// (75 for 7.5) and later ones: `invert.ptx` in Cargo's `OUT_DIR`, for `kernels/invert.cu`. So the files of one script have names
/// that differ, whatever folders they are in. Cargo runs the script again when the
/// file has changed. It takes NVRTC, by feature `cuda` of the streamlib under `[build-dependencies]`, and no card; the
/// program then takes a card, and no NVRTC.
///
/// ```no_run
/// // build.rs
/// if let Err(error) = streamlib::gpu::compile_at_build("kernels/invert.cu", 75) {
///     eprintln!("{error}");
///     std::process::exit(1);
/// }
/// ```
///
/// In the program: `Source::ptx("invert.ptx", include_str!(concat!(env!("OUT_DIR"), "/invert.ptx")))`.
///
/// # Errors
/// What the compiler says, with the lines of the kernels; NVRTC or the feature, if it is missing; a file that cannot be read;
/// that this is no build script; that what another file, or the same one for other cards, has become would be overwritten.
pub fn compile_at_build(file: impl AsRef<Path>, capability: u32) -> Result<()> {
    let file = file.as_ref();
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".ptx");
    claim(&name, file, capability)?;
    println!("cargo::rerun-if-changed={}", file.display());
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| {
        Error::graph(
            "OUT_DIR, where Cargo has build scripts put what they make, is not set: call this in `build.rs`",
        )
    })?;
    let refused = |error: std::io::Error| {
        Error::graph(format_args!("the kernels of `{}`: {error}", file.display()))
    };
    let text = std::fs::read_to_string(file).map_err(refused)?;
    let kernels = Source::cuda(file.display().to_string(), text);
    let ptx = to_ptx(&kernels, capability)?;
    std::fs::write(Path::new(&folder).join(name), ptx.text()).map_err(refused)
}

/// Sees to it that what a script makes has one name each.
fn claim(name: &OsString, file: &Path, capability: u32) -> Result<()> {
    static MADE: Mutex<BTreeMap<OsString, (PathBuf, u32)>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = || (file.to_owned(), capability);
    let (other, cards) = made.entry(name.clone()).or_insert_with(is_new);
    if (&**other, *cards) == (file, capability) {
        return Ok(());
    }
    Err(Error::graph(format_args!(
        "the kernels of `{}` for {capability} and those of `{}` for {cards} would both become `{}`: give the files names that differ",
        file.display(),
        other.display(),
        name.display()
    )))
}

#[cfg(feature = "cuda")]
fn to_ptx(kernels: &Source, capability: u32) -> Result<Source> {
    kernels.to_ptx(capability)
}

#[cfg(not(feature = "cuda"))]
fn to_ptx(kernels: &Source, _capability: u32) -> Result<Source> {
    Err(Error::graph(format_args!(
        "the kernels of `{}` cannot be compiled: this build script's streamlib is without its feature `cuda`; write \
         `features = [\"cuda\"]` under `[build-dependencies]`",
        kernels.name()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_that_would_become_one_are_refused() {
        let told = |file: &str, capability| {
            let told = compile_at_build(file, capability).map_err(|error| error.to_string());
            told.err().unwrap_or_default()
        };
        // There are no such files, and whatever is said of that is not that they are one.
        let one = "would both become";
        assert!(!told("red/twice.cu", 75).contains(one));
        assert_eq!(
            told("blue/twice.cu", 75),
            "the kernels of `blue/twice.cu` for 75 and those of `red/twice.cu` for 75 would both become `twice.ptx`: give the \
             files names that differ"
        );
        assert!(told("red/twice.cu", 90).contains(one));
        assert!(!told("red/twice.cu", 75).contains(one), "the same again");
        assert!(!told("blue/once.cu", 75).contains(one));
    }
}
