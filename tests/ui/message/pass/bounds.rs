// What a message asks of its parameters is asked where it is used, not where it is declared.
#![deny(warnings)]
use std::fmt::Debug;
use std::marker::PhantomData;

use streamlib::prelude::*;

#[derive(Message, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Wrapped<T: ?Sized>(PhantomData<Box<T>>);

#[derive(Message)]
pub enum Either<A, B = A>
where
    A: Debug,
    Option<B>: Clone,
{
    One(A),
    Other { other: B },
    Neither,
}

#[derive(Message)]
pub struct Bytes<const N: usize = 4> {
    pub bytes: [u8; N],
}

#[derive(Message)]
pub union Bits {
    pub float: f32,
    pub bits: u32,
}

fn name<T: Message>() -> &'static str {
    T::NAME
}

pub fn main() {
    assert_eq!(name::<Wrapped<str>>(), "Wrapped");
    assert_eq!(name::<Either<u8>>(), "Either");
    assert_eq!(name::<Bytes>(), "Bytes");
    assert_eq!(name::<Bits>(), "Bits");
}
