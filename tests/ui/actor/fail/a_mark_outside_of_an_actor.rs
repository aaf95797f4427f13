use streamlib::prelude::*;

#[input]
struct Screen;

fn main() {}
