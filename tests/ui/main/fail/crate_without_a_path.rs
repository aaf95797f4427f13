#[streamlib::main]
#[streamlib(crate)]
async fn main() {}
