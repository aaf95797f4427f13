//! What several clocks can be given as: a tuple, an array, a list.

use crate::clock::{AnyClock, Clock, FailoverClock};

/// Several clocks, the best first: a tuple of up to eight clocks of any kinds, an array, or a `Vec`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not several clocks",
    note = "give a tuple of two to eight clocks, or an array or a `Vec` of clocks: `(genlock, software)`"
)]
pub trait IntoClocks {
    /// What follows the best of them, a [`FailoverClock`]: by this type [`Clock::prefer`] knows what it makes.
    type Follower;

    /// The clocks, in their order.
    fn into_clocks(self) -> Vec<AnyClock>;
}

impl<C: Clock> IntoClocks for Vec<C> {
    type Follower = FailoverClock;

    fn into_clocks(self) -> Vec<AnyClock> {
        self.into_iter().map(AnyClock::new).collect()
    }
}

impl<C: Clock, const N: usize> IntoClocks for [C; N] {
    type Follower = FailoverClock;

    fn into_clocks(self) -> Vec<AnyClock> {
        self.into_iter().map(AnyClock::new).collect()
    }
}

macro_rules! tuple {
    ($($name:ident)+) => {
        impl<$($name: Clock),+> IntoClocks for ($($name,)+) {
            type Follower = FailoverClock;

            fn into_clocks(self) -> Vec<AnyClock> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                vec![$(AnyClock::new($name)),+]
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
