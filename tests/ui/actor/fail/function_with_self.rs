use streamlib::prelude::*;

struct Screen {
    title: String,
}

impl Screen {
    #[actor]
    fn show(&self, #[input] video: &VideoFrame) {
        println!("{} {}", self.title, video.width());
    }
}

fn main() {
    let _: fn(&Screen, &VideoFrame) = Screen::show;
    let _ = Screen { title: String::new() };
}
