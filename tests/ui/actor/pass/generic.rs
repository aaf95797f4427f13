use streamlib::prelude::*;

/// Hands on what it gets.
#[actor(dispatcher = inline)]
pub struct Tee<T: Message + Clone + Default, const N: usize>
where
    T: PartialEq,
{
    /// In.
    #[input]
    pub input: Input<T>,
    /// One way.
    #[output]
    pub left: Output<T>,
    /// The other.
    #[output]
    pub right: Output<T>,
    /// The last few.
    pub last: [T; N],
}

impl<T: Message + Clone + Default + PartialEq, const N: usize> Actor for Tee<T, N> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(item) = self.input.next() {
            self.left.send(item.clone(), tick);
            self.right.send(item.clone(), tick);
        }
        Ok(())
    }
}

/// Its function's type is on no port.
#[actor(new = assemble)]
pub struct Make<T, F>
where
    T: Message,
    F: FnMut() -> T + Send,
{
    #[output]
    made: Output<T>,
    make: F,
}

impl<T: Message, F: FnMut() -> T + Send> Make<T, F> {
    pub fn new(make: F) -> Self {
        Self::assemble(make)
    }
}

impl<T: Message, F: FnMut() -> T + Send> Actor for Make<T, F> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let made = (self.make)();
        self.made.send(made, tick);
        Ok(())
    }
}

pub fn main() {
    let _ = pipeline! {
        make = Make::new(|| DataMessage::new(1u8)).fps(60);
        tee  = Tee::new([DataMessage::new(0u8)]);
        make >> tee;
        tee.left >> Null::new();
        tee.right >> Null::new();
    };
}
