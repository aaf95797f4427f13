use streamlib::prelude::*;

#[derive(Message)]
struct View<'a>(&'a [u8]);

fn main() {}
