use streamlib::prelude::*;

#[derive(Message)]
struct Count(std::cell::Cell<u8>);

fn main() {}
