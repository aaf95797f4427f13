//! What a contributor runs: `cargo xtask test`, `cargo xtask compare`.

fn main() {}
