//! The items of a pipeline, as they were typed.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Generics, Visibility};

use crate::spans::Site;

/// What stands between the braces of `pipeline!`.
#[derive(Default)]
pub struct Tree {
    /// `graph NAME(PARAMETERS)`: what is written is an item of that name.
    pub header: Option<Header>,
    /// The items, in the order typed.
    pub items: Vec<Item>,
    /// Some of it could not be read: what seems to be missing may be there.
    pub broken: bool,
    /// It was to be an item, and has no name by which to be one.
    pub is_item: bool,
}

/// One item, up to its `;`.
pub enum Item {
    /// `graph NAME(PARAMETERS)`
    Header(Box<Header>),
    /// What has been refused, and leaves nothing.
    Nothing,
    /// `clock NAME = EXPR`
    Clock(Clock),
    /// `NAME = EXPR [@ CLOCK] [on DISPATCHER]`
    Node(Node),
    /// `in NAME: TYPE`, `out NAME: TYPE`
    Open(Box<Open>),
    /// `END >> END >> …`
    Wire(Wire),
}

/// `graph NAME<GENERICS>(PARAMETERS)`
#[derive(Clone)]
pub struct Header {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
    pub generics: Generics,
    pub parameters: Vec<syn::PatType>,
}

/// `in NAME: TYPE`, `out NAME: TYPE`
pub struct Open {
    pub attributes: Vec<Attribute>,
    pub direction: Direction,
    pub name: Ident,
    /// What comes in or goes out; none when it could not be read.
    pub ty: Option<syn::Type>,
}

/// Which way an open end leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

/// `clock NAME = EXPR`
pub struct Clock {
    pub name: Ident,
    /// The expression; none when it could not be read.
    pub expr: Option<TokenStream>,
}

/// `NAME = EXPR [@ CLOCK] [on DISPATCHER]`
pub struct Node {
    pub name: Ident,
    /// The expression; none when it could not be read.
    pub expr: Option<TokenStream>,
    /// The name after `@`.
    pub clock: Option<Ident>,
    /// The word after `on`.
    pub dispatcher: Option<Ident>,
    /// What follows it: `.alone()`.
    pub options: TokenStream,
    /// The word in `.or(…)` after that.
    pub otherwise: Option<Ident>,
    /// Whether something about it has been told, after which its inputs and its clock say nothing.
    pub is_refused: bool,
    /// What is wrong with it that does not keep it from being read.
    pub told: Vec<syn::Error>,
}

/// `END >> END >> …`: at each step one end, or at the last a list of them.
pub struct Wire {
    pub steps: Vec<Vec<End>>,
    /// Part of it could not be read, which has been told.
    pub is_broken: bool,
    /// Its last end was not typed to its end.
    pub is_half: bool,
}

/// What stands on a side of `>>`.
#[derive(Clone)]
pub struct End {
    pub what: What,
    /// Where it was typed.
    pub site: Site,
}

impl End {
    /// Whether it is a node of this name, or a port of it.
    pub fn is_called(&self, name: &str) -> bool {
        matches!(&self.what, What::Name(node, _) if node == name)
    }
}

/// What an end is.
#[derive(Clone)]
pub enum What {
    /// A node or a variable, and perhaps one of its ports.
    Name(Ident, Option<Ident>),
    /// The same while its port is being typed, which has been told.
    Half(Ident),
    /// An expression that makes an actor.
    Expr(TokenStream),
    /// The same, unless the word that it begins with is a node: then that one is meant, and perhaps a port of it,
    /// and this is how it is told.
    Rust {
        expr: TokenStream,
        node: Ident,
        port: Option<Ident>,
        told: String,
    },
    /// `delay(TICKS)`, which is no end but stands between two.
    Delay(TokenStream),
}
