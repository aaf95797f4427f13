//! The tests of what is built only when it is asked for; those about cards have NVRTC, which needs none and is fetched.

use std::path::PathBuf;
use std::process::Command;

use super::step::Environment;

/// NVRTC as PyPI has it.
const NVRTC: &str = "nvidia-cuda-nvrtc-cu12==12.9.86";

/// What is run: Prometheus, a camera, and cards, with the real NVRTC, kernels on the processor, and a stand-in for the driver.
pub const TESTS: &[&[&str]] = &[
    &[
        "test",
        "-p",
        "streamlib",
        "--all-features",
        "--lib",
        "--",
        "camera",
        "gpu",
        "profile",
    ],
    &[
        "test",
        "-p",
        "streamlib-tests",
        "-p",
        "streamlib-benches",
        "--features",
        "streamlib-tests/cuda,streamlib-benches/gpu",
        "--test",
        "gpu",
        "--test",
        "gpu_absent",
        "--test",
        "gpu_build",
        "--test",
        "gpu_driver",
        "--bin",
        "gpu",
    ],
];

/// Where the libraries are found that the tests load.
///
/// # Errors
/// When NVRTC is not there and cannot be fetched.
pub fn environment() -> Result<Environment, String> {
    let nvrtc = provide()?.display().to_string();
    let path = match std::env::var("LD_LIBRARY_PATH") {
        Ok(path) if !path.is_empty() => format!("{nvrtc}:{path}"),
        _ => nvrtc,
    };
    Ok(vec![("LD_LIBRARY_PATH", path)])
}

/// NVRTC's folder, in which it is put the first time.
fn provide() -> Result<PathBuf, String> {
    let target = crate::target().join("nvrtc");
    let folder = target.join("nvidia/cuda_nvrtc/lib");
    if folder.join("libnvrtc.so.12").is_file() {
        return Ok(folder);
    }
    println!("fetching {NVRTC} into {}", target.display());
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .arg(&target)
        .arg(NVRTC)
        .env("PIP_ROOT_USER_ACTION", "ignore");
    let status = pip.status().map_err(|error| format!("python3: {error}"))?;
    if status.success() && folder.join("libnvrtc.so.12").is_file() {
        return Ok(folder);
    }
    Err(format!("pip has not brought {NVRTC} ({status})"))
}
