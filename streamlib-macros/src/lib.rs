//! The macros of streamlib: `#[actor]`, `#[streamlib::main]`, `pipeline!` and `#[derive(Message)]`.
