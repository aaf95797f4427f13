//! Kernels of a file, compiled when a program is built.

use std::path::Path;

use super::Source;
use crate::{Error, Result};

/// Compiles the kernels of a file when a program is built: for its build script.
///
/// `file` is a path from where the package's `Cargo.toml` is. Its kernels become PTX for cards of compute capability `capability`
/// (75 for 7.5) and later ones: `invert.ptx` in Cargo's `OUT_DIR`, for `kernels/invert.cu`. Cargo runs the script again when the
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
/// that this is no build script.
pub fn compile_at_build(file: impl AsRef<Path>, capability: u32) -> Result<()> {
    let file = file.as_ref();
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
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".ptx");
    let kernels = Source::cuda(file.display().to_string(), text);
    let ptx = to_ptx(&kernels, capability)?;
    std::fs::write(Path::new(&folder).join(name), ptx.text()).map_err(refused)
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
