use streamlib::prelude::*;

#[actor]
struct Screen<'a, 'b> {
    #[input]
    video: Input<VideoFrame>,
    title: &'a str,
    subtitle: &'b str,
}

impl Actor for Screen<'_, '_> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        TestPattern::new(Pattern::SmpteBars).fps(60) >> Screen::new("title", "subtitle")
    };
}
