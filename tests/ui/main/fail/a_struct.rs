use streamlib::prelude::*;

#[streamlib::main]
struct Main;

fn main() {}
