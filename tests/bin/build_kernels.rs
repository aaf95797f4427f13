//! The build script of the book's chapter on cards, run by `tests/gpu_build.rs` as Cargo runs build scripts.

fn main() {
    if let Err(error) = streamlib::gpu::compile_at_build("kernels/invert.cu", 75) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
