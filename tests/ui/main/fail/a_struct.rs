#[streamlib::main]
struct Main;

fn main() {}
