#[streamlib::main]
async fn main() {}
