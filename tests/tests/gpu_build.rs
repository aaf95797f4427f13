//! Kernels that are compiled when a program is built: the build script that the book shows, run as Cargo runs build scripts.
//!
//! With NVRTC (`cargo xtask gpu` fetches it) it makes PTX; without, it says what is missing. What it made is loaded by
//! `gpu_driver.rs`.

use std::path::PathBuf;

use streamlib_tests::built::Package;

/// The build script.
const SCRIPT: &str = env!("CARGO_BIN_EXE_build_kernels");

const INVERT: &str = "extern \"C\" __global__ void invert(int *to) {\n    *to = -*to;\n}\n";

#[test]
fn the_build_script_is_that_of_the_book() -> std::io::Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(root.join("bin/build_kernels.rs"))?;
    let main = script.find("fn main()").expect("a build script");
    let book = std::fs::read_to_string(root.join("../docs/src/gpu.md"))?;
    assert!(book.contains(&script[main..]), "docs/src/gpu.md");
    Ok(())
}

#[test]
fn kernels_of_a_file_become_ptx_or_it_is_told_what_is_missing() -> std::io::Result<()> {
    let package = Package::new(INVERT)?;
    let run = package.build(SCRIPT)?;
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(
        String::from_utf8_lossy(&run.stdout),
        "cargo::rerun-if-changed=kernels/invert.cu\n"
    );
    if run.status.success() {
        assert!(package.ptx()?.contains(".entry invert("));
        return Ok(());
    }
    assert!(package.ptx().is_err());
    let missing = if cfg!(feature = "cuda") {
        "kernels are compiled by NVRTC, whose library (libnvrtc.so.12) was not found: install CUDA's, "
    } else {
        "the kernels of `kernels/invert.cu` cannot be compiled: this build script's streamlib is without its feature `cuda`; \
         write `features = [\"cuda\"]` under `[build-dependencies]`\n"
    };
    assert!(said.starts_with(missing), "{said}");
    Ok(())
}

#[test]
fn a_file_that_is_not_there_and_a_program_that_is_no_build_script_are_told() -> std::io::Result<()>
{
    let package = Package::new(INVERT)?;
    std::fs::remove_file(package.folder().join("kernels/invert.cu"))?;
    let run = package.build(SCRIPT)?;
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.starts_with("the kernels of `kernels/invert.cu`: No such file"),
        "{said}"
    );
    let run = std::process::Command::new(SCRIPT)
        .env_remove("OUT_DIR")
        .output()?;
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.ends_with("is not set: call this in `build.rs`\n"),
        "{said}"
    );
    assert!(!run.status.success());
    Ok(())
}
