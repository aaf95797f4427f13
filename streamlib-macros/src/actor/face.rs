//! The ports of a graph, which others wire as they wire those of an actor.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Generics, Item, Type, Visibility};

use super::parse::doc_of;
use super::tree::{Actor, Arguments, Field, Input, Output, Role, Shape};
use super::{names, sole, wiring};
use crate::spans::Site;

/// A struct with ports and nothing else.
pub struct Face {
    actor: Actor,
    name: Ident,
}

impl Face {
    /// One without ports.
    pub fn new(name: &Ident, generics: &Generics, doc: String) -> Self {
        Self {
            actor: Actor {
                item: Item::Verbatim(TokenStream::new()),
                visibility: Visibility::Inherited,
                name: Some(name.clone()),
                generics: generics.clone(),
                doc,
                arguments: Arguments::default(),
                fields: Vec::new(),
                shape: Shape::Named,
                is_graph: true,
                has_new: false,
            },
            name: name.clone(),
        }
    }

    /// Adds an input, which has to be connected.
    pub fn input(&mut self, docs: Vec<Attribute>, name: Ident, ty: Type, payload: TokenStream) {
        let role = Role::Input(Box::new(Input {
            many: false,
            optional: false,
            every: None,
            slots: None,
            payload,
        }));
        self.field(docs, name, ty, role);
    }

    /// Adds an output.
    pub fn output(&mut self, docs: Vec<Attribute>, name: Ident, ty: Type, payload: TokenStream) {
        self.field(docs, name, ty, Role::Output(Output { payload }));
    }

    fn field(&mut self, attributes: Vec<Attribute>, name: Ident, ty: Type, role: Role) {
        let doc = doc_of(&attributes);
        self.actor.fields.push(Field {
            attributes,
            visibility: Visibility::Inherited,
            name: Some(name),
            ty,
            doc,
            role,
            is_told: false,
        });
    }

    /// The fields: their attributes, names and types.
    pub fn ports(&self) -> impl Iterator<Item = (&[Attribute], &Ident, &Type)> {
        self.actor.fields.iter().filter_map(|field| {
            let name = field.name.as_ref()?;
            Some((&field.attributes[..], name, &field.ty))
        })
    }

    /// The names of the ports as types.
    pub fn names(&self) -> TokenStream {
        names::expand(&self.actor, &self.name)
    }

    /// What describes the ports, and what says which of them are connected.
    pub fn expand(&self) -> TokenStream {
        let Self { actor, name } = self;
        let (parameters, arguments, conditions) = actor.generics.split_for_impl();
        let (label, doc) = (name.unraw().to_string(), &actor.doc);
        let inputs = actor.inputs().enumerate();
        let inputs = inputs
            .map(|(index, (field, name, input))| info(field, name, index, &input.payload, true));
        let outputs = actor.outputs().enumerate();
        let outputs = outputs
            .map(|(index, (field, name, output))| info(field, name, index, &output.payload, false));
        let unwired = wiring::unwired(actor, name);
        let wiring = wiring::expand(actor, name);
        let (sole_input, sole_output) = (sole::input(actor, name), sole::output(actor, name));
        quote! {
            #[diagnostic::do_not_recommend]
            impl #parameters ::streamlib::__private::Ports for #name #arguments #conditions {
                const INFO: ::streamlib::__private::ActorInfo = ::streamlib::__private::ActorInfo {
                    name: #label,
                    doc: #doc,
                    inputs: &[#(#inputs),*],
                    outputs: &[#(#outputs),*],
                    on_error: ::streamlib::__private::OnError::Skip,
                    deadline: 0,
                };
                type Itself = Self;
                type Dispatcher = ::streamlib::__private::Within;
                type Clock = ::streamlib::__private::InGraph;
                fn own_clock(&self) -> ::core::option::Option<::streamlib::__private::AnyClock> {
                    ::core::option::Option::None
                }
                #unwired
                type Handle = ();
                fn handle(&mut self, _actor: ::streamlib::__private::ActorHandle) {}
                fn published(&mut self) -> ::core::primitive::u64 {
                    0
                }
                fn overwritten(&self) -> ::core::primitive::u64 {
                    0
                }
                fn stale(&self) -> ::core::primitive::u64 {
                    0
                }
            }
            #wiring
            #sole_input
            #sole_output
        }
    }
}

/// `<VideoFrame as Flows>::ITEM`, underlined as the type is.
pub fn flows(ty: &impl ToTokens, item: &str) -> TokenStream {
    let site = Site::of(ty);
    let Site { first, last } = site;
    let (flows, item) = (site.runtime("Flows"), Ident::new(item, last));
    let begin = quote_spanned!(first=> <);
    let end = quote_spanned!(last=> <_>>::#item);
    quote!(#begin #ty as #flows #end)
}

fn info(
    field: &Field,
    name: &Ident,
    index: usize,
    payload: &TokenStream,
    required: bool,
) -> TokenStream {
    let (label, doc) = (name.unraw().to_string(), &field.doc);
    let index = Literal::usize_unsuffixed(index);
    let payload = flows(payload, "PAYLOAD");
    quote! {
        ::streamlib::__private::PortInfo {
            name: #label,
            index: #index,
            payload: #payload,
            doc: #doc,
            required: #required,
            policy: ::streamlib::__private::Policy::Latest,
            slots: 0,
        }
    }
}
