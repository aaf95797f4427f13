//! An actor as it was typed.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, Generics, Item, Visibility};

/// A struct with `#[actor]`.
pub struct Actor {
    /// The item, without the attributes of ports.
    pub item: Item,
    pub visibility: Visibility,
    /// Its name; none for what is no type.
    pub name: Option<Ident>,
    pub generics: Generics,
    /// Its documentation, as plain text.
    pub doc: String,
    pub arguments: Arguments,
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// How its value is written: with braces, or as a unit.
    pub shape: Shape,
    /// It is no actor but a graph, whose ends are always needed.
    pub is_graph: bool,
    /// The user has written what makes one, which has been refused.
    pub has_new: bool,
}

/// What kind of item it is.
#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    /// `struct Name { … }`
    Named,
    /// `struct Name;`
    Unit,
    /// What cannot be an actor.
    Other,
}

/// `#[actor(…)]`
#[derive(Default)]
pub struct Arguments {
    pub dispatcher: Option<Ident>,
    pub clock: Option<Expr>,
    pub on_error: Option<OnError>,
    pub deadline: Option<Expr>,
    pub new: Option<Ident>,
}

/// `on_error = restart { max: 3 }`
pub struct OnError {
    pub word: Ident,
    /// What stands between the braces of `restart`.
    pub fields: Vec<(Ident, Expr)>,
}

/// A field of the struct.
pub struct Field {
    /// The attributes that are no ports'.
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    /// Its name; none in a tuple.
    pub name: Option<Ident>,
    pub ty: syn::Type,
    pub doc: String,
    pub role: Role,
    /// Whether something about its mark has been told.
    pub is_told: bool,
}

/// What a field is for.
pub enum Role {
    /// Configuration or state: a parameter of the constructor.
    Plain,
    Input(Box<Input>),
    Output(Output),
}

/// `#[input(…)]`
#[derive(Default)]
pub struct Input {
    /// `Inputs<…>`: any number of connections.
    pub many: bool,
    pub optional: bool,
    /// How many items behind, for `every = n`.
    pub every: Option<Expr>,
    /// The least number of slots of the ring.
    pub slots: Option<Expr>,
    /// `<PAYLOAD>`, as typed.
    pub payload: TokenStream,
}

/// `#[output]`
pub struct Output {
    /// `<PAYLOAD>`, as typed.
    pub payload: TokenStream,
}

impl Actor {
    /// The inputs, with their fields.
    pub fn inputs(&self) -> impl Iterator<Item = (&Field, &Ident, &Input)> {
        self.fields
            .iter()
            .filter_map(|field| match (&field.role, &field.name) {
                (Role::Input(input), Some(name)) => Some((field, name, &**input)),
                _ => None,
            })
    }

    /// The outputs, with their fields.
    pub fn outputs(&self) -> impl Iterator<Item = (&Field, &Ident, &Output)> {
        self.fields
            .iter()
            .filter_map(|field| match (&field.role, &field.name) {
                (Role::Output(output), Some(name)) => Some((field, name, output)),
                _ => None,
            })
    }

    /// The fields that the constructor is given.
    pub fn plain(&self) -> impl Iterator<Item = (&Field, &Ident)> {
        self.fields
            .iter()
            .filter_map(|field| match (&field.role, &field.name) {
                (Role::Plain, Some(name)) => Some((field, name)),
                _ => None,
            })
    }
}

impl Field {
    /// Its `#[cfg]`s, which all that stands for it shares.
    pub fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        let is_condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
        self.attributes.iter().filter(is_condition)
    }
}

impl Input {
    /// Whether a graph is refused that leaves it open.
    pub fn is_required(&self) -> bool {
        !self.many && !self.optional
    }
}
