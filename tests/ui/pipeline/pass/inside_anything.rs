// A pipeline is an expression: in methods, closures, loops, `async` blocks, in other expressions.
use streamlib::prelude::*;

/// An error of one's own.
#[derive(Debug)]
enum Failed {
    Streamlib(#[allow(dead_code)] Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Streamlib(error)
    }
}

struct Studio<C> {
    size: (u32, u32),
    clock: C,
    patterns: Vec<Pattern>,
}

impl<C: Clock + Clone> Studio<C> {
    const RATE: u32 = 60;

    fn pattern(&self, index: usize) -> TestPattern {
        TestPattern::new(self.patterns[index]).size(self.size.0, self.size.1)
    }

    fn build(&self) -> std::result::Result<Pipeline, Failed> {
        Ok(pipeline! {
            clock house = self.clock.clone();
            bars = self.pattern(0) @ house;
            self.pattern(1).fps(Self::RATE) >> Null::new();
            bars >> Null::new();
        }?)
    }

    fn all(&self) -> Result<Vec<Pipeline>> {
        (0..self.patterns.len()).map(|index| pipeline! { self.pattern(index).fps(25) >> Null::new() }).collect()
    }

    async fn run(&self) -> Result<()> {
        for index in 0..2 {
            let show = async move { pipeline! { self.pattern(index).fps(25) >> Null::new() } }.await?;
            show.stop().await?;
        }
        Ok(())
    }
}

fn sink<T: Message>() -> Null<T> {
    Null::new()
}

fn generic<A>(actor: A) -> Result<Pipeline>
where
    A: IntoPattern,
{
    pipeline! {
        source = actor.into_pattern().fps(60);
        source >> sink::<VideoFrame>();
    }
}

trait IntoPattern {
    fn into_pattern(self) -> TestPattern;
}

impl IntoPattern for Pattern {
    fn into_pattern(self) -> TestPattern {
        TestPattern::new(self)
    }
}

pub fn main() {
    let studio = Studio {
        size: (64, 36),
        clock: VirtualClock::new(Rate::fps(60)),
        patterns: vec![Pattern::SmpteBars, Pattern::Gradient],
    };
    let shows = match generic(Pattern::SmpteBars) {
        Ok(show) => (show, studio.build(), studio.all()),
        Err(error) => panic!("{error}"),
    };
    drop((shows, studio.run()));
}
