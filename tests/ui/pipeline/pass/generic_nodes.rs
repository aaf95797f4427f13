// What flows through a generic actor is inferred, through several of them and in both directions.
use std::marker::PhantomData;

use streamlib::prelude::*;

#[actor(dispatcher = inline)]
struct Pass<T, const N: usize = 1>
where
    T: Message + Clone,
    [u8; N]: Default,
{
    #[input]
    taken: Input<T>,
    #[output]
    passed: Output<T>,
    scratch: [u8; N],
}

impl<T, const N: usize> Actor for Pass<T, N>
where
    T: Message + Clone,
    [u8; N]: Default,
{
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let _ = &self.scratch;
        if let Some(item) = self.taken.next() {
            self.passed.send(item.clone(), tick);
        }
        Ok(())
    }
}

#[actor]
struct Convert<From: Message, To: Message + Default, F = fn() -> To> {
    #[input]
    from: Input<From>,
    #[output]
    to: Output<To>,
    how: PhantomData<fn() -> F>,
}

impl<From: Message, To: Message + Default, F: 'static> Actor for Convert<From, To, F> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.from.next().is_some() {
            self.to.send(To::default(), tick);
        }
        Ok(())
    }
}

#[derive(Message, Clone, Default)]
struct Pair<A, B>(A, B);

pub fn main() {
    let _ = pipeline! {
        convert = Convert::<_, Pair<u8, Vec<u8>>>::new(PhantomData);
        TestPattern::new(Pattern::SmpteBars).fps(60) >> Pass::new([0; 3]) >> Pass::new([0; 4]) >> convert;
        convert >> Pass::new([0; 1]) >> [Null::new(), Null::<Pair<_, _>>::new()];
    };
}
