// What an actor holds may be anything that is `Send`, whatever it is made of.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::marker::PhantomData;

use streamlib::prelude::*;

/// A list of itself.
#[actor]
pub struct Chain {
    #[input]
    video: Input<VideoFrame>,
    next: Option<Box<Self>>,
    seen: Cell<u64>,
    names: RefCell<HashMap<String, Box<dyn Fn(u8) -> u8 + Send>>>,
    #[cfg(not(all()))]
    gone: std::rc::Rc<u8>,
}

impl Actor for Chain {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = self.video.latest();
        self.seen.set(self.seen.get() + self.names.borrow().len() as u64);
        Ok(())
    }
}

/// Generic in what it keeps.
#[actor]
pub struct Keep<T: Message, K, const N: usize>
where
    K: 'static,
{
    #[input]
    item: Input<T>,
    kept: [Option<K>; N],
    next: Option<Box<Self>>,
    #[cfg(all())]
    marker: PhantomData<u8>,
}

impl<T: Message, K: Send + 'static, const N: usize> Actor for Keep<T, K, N> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = (self.item.latest(), self.kept.len());
        Ok(())
    }
}

fn main() {
    fn is_send<T: Send>(_: &T) {}
    let chain = Chain::new(None, Cell::new(0), RefCell::default());
    is_send(&chain);
    let keep = Keep::<VideoFrame, u8, 2>::new([None, None], None, PhantomData);
    is_send(&keep);
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> [chain, keep] };
}
