//! What makes an actor anew in another process: its configuration, written down and read, and its ports.
//!
//! Whether its fields can be written down is asked only where it is put into one: a parameter of the impl that stands for
//! nothing keeps rustc from looking before.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::expand::find_conditions;
use super::tree::{Actor, Role, Shape};
use crate::spans::Site;

/// `impl Isolated`, where there is something to make.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    // A bound cannot have a condition.
    if actor.is_graph || actor.shape == Shape::Other || find_conditions(actor) {
        return TokenStream::new();
    }
    // What has been refused is not asked for more.
    if actor.fields.iter().any(|field| field.is_told) || actor.generics.lifetimes().next().is_some()
    {
        return TokenStream::new();
    }
    let (_, arguments, _) = actor.generics.split_for_impl();
    let this = quote!(#name #arguments);
    let mut generics = actor.generics.clone();
    generics.params.push(syn::parse_quote!(StreamlibElsewhere));
    let bounds = &mut generics.make_where_clause().predicates;
    for field in &actor.fields {
        let ty = &field.ty;
        match payload(&field.role) {
            None => bounds.push(syn::parse_quote!(#ty: ::streamlib::__private::Carried<#this, StreamlibElsewhere>)),
            Some(payload) => bounds.push(syn::parse_quote!(#payload: ::streamlib::__private::Crosses<#this, StreamlibElsewhere>)),
        }
    }
    let (parameters, _, conditions) = generics.split_for_impl();
    let packed = actor.plain().map(|(field, name)| {
        let ty = &field.ty;
        quote!(<#ty as ::streamlib::__private::Carried<Self, StreamlibElsewhere>>::pack(&self.#name, to)?;)
    });
    let unpacked = actor.plain().map(|(field, name)| {
        let ty = &field.ty;
        quote!(#name: <#ty as ::streamlib::__private::Carried<Self, StreamlibElsewhere>>::unpack(from)?)
    });
    let declared = |list: &str, number: usize, name: &Ident| {
        let (list, number) = (
            Ident::new(list, name.span()),
            proc_macro2::Literal::usize_unsuffixed(number),
        );
        quote!(#name: ::streamlib::__private::Port::declare(&<Self as ::streamlib::__private::Ports>::INFO.#list[#number]))
    };
    let inputs = actor.inputs().enumerate();
    let inputs = inputs.map(|(number, (_, name, _))| declared("inputs", number, name));
    let outputs = actor.outputs().enumerate();
    let outputs = outputs.map(|(number, (_, name, _))| declared("outputs", number, name));
    let made = match actor.shape {
        Shape::Unit => quote!(Self),
        _ => quote!(Self { #(#inputs,)* #(#outputs,)* #(#unpacked,)* }),
    };
    let ports = actor
        .fields
        .iter()
        .filter(|field| !matches!(field.role, Role::Plain));
    let ports = ports
        .filter_map(|field| field.name.as_ref())
        .map(|name| quote!(each(&mut self.#name)?;));
    quote! {
        ::streamlib::__private::isolated! {
            const _: () = {
                #[allow(unused_variables)]
                impl #parameters ::streamlib::__private::Isolated<StreamlibElsewhere> for #this #conditions {
                    fn pack(&self, to: &mut ::std::vec::Vec<::core::primitive::u8>) -> ::streamlib::__private::Result<()> {
                        #(#packed)*
                        ::core::result::Result::Ok(())
                    }
                    fn unpack(from: &mut &[::core::primitive::u8]) -> ::streamlib::__private::Result<Self> {
                        ::core::result::Result::Ok(#made)
                    }
                    fn each_port(
                        &mut self,
                        each: ::streamlib::__private::EachPort<'_, Self, StreamlibElsewhere>,
                    ) -> ::streamlib::__private::Result<()> {
                        #(#ports)*
                        ::core::result::Result::Ok(())
                    }
                }
            };
        }
    }
}

/// With `dispatcher = process`: how it gets there.
pub fn hosting(actor: &Actor) -> TokenStream {
    let Some(word) = actor
        .arguments
        .dispatcher
        .as_ref()
        .filter(|word| *word == "process")
    else {
        return TokenStream::new();
    };
    let call = Site::one(word.span()).call("hosting", TokenStream::new());
    quote! {
        fn hosting() -> ::core::option::Option<::streamlib::__private::Hosting<Self>> {
            #call
        }
        fn own_hosting() -> ::core::option::Option<::streamlib::__private::Hosting<Self>> {
            <Self as ::streamlib::__private::Ports>::hosting()
        }
    }
}

/// What flows through a port.
fn payload(role: &Role) -> Option<TokenStream> {
    let typed = match role {
        Role::Plain => return None,
        Role::Input(input) => input.payload.to_token_stream(),
        Role::Output(output) => output.payload.to_token_stream(),
    };
    // `<VideoFrame>`
    let mut typed: Vec<_> = typed.into_iter().collect();
    typed.pop();
    Some(typed.into_iter().skip(1).collect())
}
