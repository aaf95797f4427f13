//! Reading what another process has written, with an end: a few bytes of postcard can stand for any number of empty values, and
//! for values in values without end.
//!
//! Every value that serde is asked to make is counted with its size before it is made, and how deep it lies in others, by
//! wrapping all that serde hands on: deserializers, visitors, and the ways into sequences, maps and enums.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use crate::{Error, Result};

/// The most bytes that the values of one message may take.
const MOST_BYTES: usize = 256 << 20;
/// For how many bytes a value counts that takes none.
const NOTHING: usize = 64;
/// How many values may lie in each other.
const MOST_DEEP: usize = 128;

/// What may still be made of one message.
pub(crate) struct Budget {
    bytes: Cell<usize>,
    depth: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: Cell::new(MOST_BYTES),
            depth: Cell::new(MOST_DEEP),
        }
    }
}

impl Budget {
    /// Reads a value; returns it and the bytes after it.
    pub fn read<'a, T: DeserializeOwned>(&self, bytes: &'a [u8]) -> Result<(T, &'a [u8])> {
        let mut from = postcard::Deserializer::from_bytes(bytes);
        let read = T::deserialize(Bounded {
            inner: &mut from,
            budget: self,
        });
        let read = read.and_then(|value| Ok((value, from.finalize()?)));
        read.map_err(|error| {
            Error::other(if self.bytes.get() == 0 {
                format!(
                    "a message whose values take more than {} MiB",
                    MOST_BYTES >> 20
                )
            } else if self.depth.get() == 0 {
                format!("a message with more than {MOST_DEEP} values in each other")
            } else {
                format!("what came from another process cannot be read: {error}")
            })
        })
    }

    /// Counts a value that is about to be made.
    fn take<T, E: serde::de::Error>(&self) -> Result<(), E> {
        // What takes nothing takes time: there may be any number of it in a few bytes.
        let size = match size_of::<T>() {
            0 => NOTHING,
            size => size,
        };
        match self.bytes.get().checked_sub(size) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => {
                self.bytes.set(0);
                Err(E::custom("too large"))
            }
        }
    }

    /// Runs `inside`, one deeper.
    fn deeper<T, E: serde::de::Error>(
        &self,
        inside: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        // At 0 it stays, so that it can be told.
        match self.depth.get().checked_sub(1) {
            None | Some(0) => {
                self.depth.set(0);
                Err(E::custom("too deep"))
            }
            Some(left) => {
                self.depth.set(left);
                let made = inside()?;
                self.depth.set(left + 1);
                Ok(made)
            }
        }
    }
}

/// Any of serde's things, counted.
struct Bounded<'b, X> {
    inner: X,
    budget: &'b Budget,
}

impl<'b, X> Bounded<'b, X> {
    /// The same budget for something else.
    fn with<Y>(budget: &'b Budget, inner: Y) -> Bounded<'b, Y> {
        Bounded { inner, budget }
    }
}

macro_rules! ask {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $name<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.budget.take::<V::Value, D::Error>()?;
            self.inner.$name($($argument,)* Self::with(self.budget, visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    ask! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! show {
    ($($name:ident($type:ty);)*) => {
        $(fn $name<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$name(value)
        })*
    };
}

macro_rules! show_inside {
    ($($name:ident($access:ident);)*) => {
        $(fn $name<A: $access<'de>>(self, inside: A) -> Result<V::Value, A::Error> {
            let budget = self.budget;
            budget.deeper(|| self.inner.$name(Self::with(budget, inside)))
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    show! {
        visit_bool(bool);
        visit_i8(i8);
        visit_i16(i16);
        visit_i32(i32);
        visit_i64(i64);
        visit_i128(i128);
        visit_u8(u8);
        visit_u16(u16);
        visit_u32(u32);
        visit_u64(u64);
        visit_u128(u128);
        visit_f32(f32);
        visit_f64(f64);
        visit_char(char);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        let budget = self.budget;
        budget.deeper(|| self.inner.visit_some(Self::with(budget, some)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, one: D) -> Result<V::Value, D::Error> {
        let budget = self.budget;
        budget.deeper(|| self.inner.visit_newtype_struct(Self::with(budget, one)))
    }

    show_inside! {
        visit_seq(SeqAccess);
        visit_map(MapAccess);
        visit_enum(EnumAccess);
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Self::with(self.budget, from))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let seed = Self::with(self.budget, seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let seed = Self::with(self.budget, seed);
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = Self::with(self.budget, seed);
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'b, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'b, A> {
    type Error = A::Error;
    type Variant = Bounded<'b, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.inner.variant_seed(Self::with(self.budget, seed))?;
        Ok((value, Self::with(self.budget, variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = Self::with(self.budget, seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = Self::with(self.budget, visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = Self::with(self.budget, visitor);
        self.inner.struct_variant(fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Tree {
        Leaf,
        Named { name: String, at: (u8, f32) },
        Pair(Box<Tree>, Option<Box<Tree>>),
        Many(Vec<Tree>),
        One(Box<Tree>),
    }

    #[derive(Debug, Deserialize)]
    #[expect(clippy::large_enum_variant)]
    enum Large {
        #[expect(dead_code)] // it is what makes it large
        Full([[u64; 32]; 32]),
        Empty,
    }

    fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
        Budget::default().read(bytes).map(|(value, _)| value)
    }

    #[test]
    fn what_serde_can_write_is_read() -> Result<()> {
        let tree = Tree::Many(vec![
            Tree::Leaf,
            Tree::Pair(
                Box::new(Tree::Named {
                    name: "bars".to_owned(),
                    at: (3, 0.5),
                }),
                Some(Box::new(Tree::One(Box::new(Tree::Leaf)))),
            ),
        ]);
        let map: BTreeMap<i16, (char, Option<u128>, ())> =
            [(-3, ('é', Some(1 << 100), ())), (9, ('x', None, ()))].into();
        let all = (tree, map, vec![1.5_f64; 1000], "tone".to_owned());
        let mut bytes = postcard::to_stdvec(&all).map_err(|error| error.to_string())?;
        bytes.extend(b"rest");
        let budget = Budget::default();
        let (read, rest) = budget.read(&bytes)?;
        assert_eq!(all, read);
        assert_eq!((rest, budget.depth.get()), (&b"rest"[..], MOST_DEEP));
        Ok(())
    }

    #[test]
    fn a_few_bytes_that_stand_for_much_are_refused() {
        // A length of 2^62, and nothing in each place of it.
        let endless = [255, 255, 255, 255, 255, 255, 255, 255, 63];
        let error = read::<Vec<()>>(&endless).unwrap_err().to_string();
        assert_eq!(error, "a message whose values take more than 256 MiB");
        // 8 KiB for every byte.
        let mut bytes = vec![255, 255, 255, 127];
        bytes.resize(1 << 20, 1);
        let error = read::<Vec<Box<Large>>>(&bytes).unwrap_err().to_string();
        assert_eq!(error, "a message whose values take more than 256 MiB");
        assert!(matches!(read(&[1]), Ok(Large::Empty)));
        let cut = read::<Vec<u8>>(&[3, 1]).unwrap_err().to_string();
        assert!(cut.contains("cannot be read"), "{cut}");
    }

    #[test]
    fn values_in_values_have_an_end_before_the_stack_has() {
        let deep = vec![4; 1 << 20];
        let error = read::<Tree>(&deep).unwrap_err().to_string();
        assert_eq!(error, "a message with more than 128 values in each other");
        let mut deep = vec![4; 50];
        deep.push(0);
        assert!(read::<Tree>(&deep).is_ok());
    }
}
