//! Passes ticks through a graph of twelve actors and does nothing else: `ticks virtual N`, `ticks real N`.
//!
//! `cargo xtask compare` counts its instructions, in a build with a profile that is off and in one without any, and both once more
//! with the feature `metrics` and nobody who is told.

use streamlib::prelude::*;
use streamlib_benches::profile;

#[streamlib::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    println!("{}", profile::ticks(word(0), word(1)).await?);
    Ok(())
}
