//! A function with `#[actor]`, as it was typed.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Signature, Type, Visibility};

/// A function with `#[actor]`.
pub struct Function {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    /// What stands before the body, without the marks and the documentation of parameters.
    pub signature: Signature,
    /// The body, in its braces; a `;` where there is none.
    pub body: TokenStream,
    pub parameters: Vec<Parameter>,
    pub returned: Returned,
    /// Whether a parameter is half typed: then the body cannot be read yet.
    pub is_half: bool,
}

/// A parameter.
pub struct Parameter {
    /// Its name; none for a pattern.
    pub name: Option<Ident>,
    /// Its type, as typed.
    pub ty: Type,
    /// Its documentation.
    pub doc: Vec<Attribute>,
    /// `#[input(…)]` or `#[output]`.
    pub mark: Option<Attribute>,
    pub role: Role,
    /// Whether something about it has been told.
    pub is_told: bool,
}

/// What a parameter is for.
pub enum Role {
    /// `#[input] x: &T`: called only when there is an item.
    Item(Type),
    /// `#[input] x: Option<&T>`
    Perhaps(Type),
    /// `&mut Input<T>`, `&mut Inputs<T>` or `&mut Output<T>`: the port itself.
    Port(Type),
    /// `TimedTick`
    Tick,
    /// A value that is handed over on every tick.
    Copied,
    /// A value that the actor owns.
    Lent(Lent),
    /// What has been told; a parameter of the function all the same.
    Refused,
}

/// A value that the actor owns, and lends on every tick.
pub struct Lent {
    /// `&mut`: state.
    pub mutable: bool,
    /// The type of what is owned.
    pub owned: Type,
    /// Whether it is made of what is given: a `String` of a `&str`.
    pub made: bool,
}

/// What comes back from a tick.
#[derive(Default)]
pub struct Returned {
    /// `Result<…>`
    pub fallible: bool,
    /// `Option<…>`
    pub optional: bool,
    /// What is published, if anything is.
    pub payload: Option<Type>,
    /// Whether something about it has been told.
    pub is_told: bool,
}

impl Role {
    /// Whether it is an argument of the function that makes the actor.
    pub fn is_given(&self) -> bool {
        matches!(self, Self::Copied | Self::Lent(_))
    }
}
