//! Tree to tokens: the struct as typed, what makes one, and what describes it.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::tree::{Actor, Field, Input, Shape};
use super::{handle, isolated, moves, names, numbers, on_error, sole, wiring};
use crate::errors::Errors;
use crate::spans::respan;

/// Writes all that `#[actor]` adds. What is wrong with the struct leaves the rest of it whole, so that
/// its uses are not refused as well.
pub fn expand(actor: &Actor, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    let item = &actor.item;
    let Some(name) = &actor.name else {
        return quote!(#told #item);
    };
    let new = (!actor.has_new).then(|| constructor(actor, name));
    let machinery = machinery(actor, name);
    quote! {
        #told
        #item
        #new
        #machinery
    }
}

/// What a graph needs to know of an actor, whatever it was made of.
pub fn machinery(actor: &Actor, name: &Ident) -> TokenStream {
    let handle = handle::expand(actor, name);
    let ports = ports(actor, name);
    let moves = moves::expand(actor, name);
    let names = names::expand(actor, name);
    let numbers = numbers::expand(actor);
    let wiring = wiring::expand(actor, name);
    let isolated = isolated::expand(actor, name);
    let (sole_input, sole_output) = (sole::input(actor, name), sole::output(actor, name));
    quote! {
        #handle
        #names
        #numbers
        #moves
        #isolated
        const _: () = {
            #ports
            #wiring
            #sole_input
            #sole_output
        };
    }
}

/// `new`, or what the `new` argument calls it: a parameter for each field that is no port.
fn constructor(actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let (visibility, new) = match &actor.arguments.new {
        Some(other) if other != "new" => (TokenStream::new(), other.clone()),
        Some(new) => (actor.visibility.to_token_stream(), new.clone()),
        None => (
            actor.visibility.to_token_stream(),
            Ident::new("new", name.span()),
        ),
    };
    let given = actor.plain().map(|(field, name)| {
        let conditions = field.conditions();
        let ty = &field.ty;
        quote!(#(#conditions)* #name: #ty)
    });
    let value = value(actor, &quote!(Self));
    let doc = format!(
        "Makes a [`{}`], with nothing connected to it yet.",
        name.unraw()
    );
    let many = (actor.plain().count() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    // Where the user has one of that name already, rustc underlines all before the body: it stands at the struct's name.
    let function = respan(quote!(fn), name.span());
    let mut given = Group::new(Delimiter::Parenthesis, quote!(#(#given),*));
    given.set_span(name.span());
    let returned = respan(quote!(-> Self), name.span());
    let mut body = Group::new(Delimiter::Brace, value);
    body.set_span(name.span());
    quote! {
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        impl #parameters #name #arguments #conditions {
            #[doc = #doc]
            #[must_use]
            #many
            #visibility #function #new #given #returned #body
        }
    }
}

/// A value of the actor, `this`, with nothing connected to it.
pub fn value(actor: &Actor, this: &TokenStream) -> TokenStream {
    let inputs = actor.inputs().enumerate().map(|(index, (_, name, _))| {
        let index = Literal::usize_unsuffixed(index);
        quote!(#name: ::streamlib::__private::Port::declare(&<#this as ::streamlib::__private::Ports>::INFO.inputs[#index]))
    });
    let outputs = actor.outputs().enumerate().map(|(index, (_, name, _))| {
        let index = Literal::usize_unsuffixed(index);
        quote!(#name: ::streamlib::__private::Port::declare(&<#this as ::streamlib::__private::Ports>::INFO.outputs[#index]))
    });
    let plain = actor.plain().map(|(field, name)| {
        let conditions = field.conditions();
        quote!(#(#conditions)* #name)
    });
    match actor.shape {
        Shape::Unit => this.clone(),
        Shape::Other => quote!(::streamlib::__private::told()),
        _ => quote!(#this { #(#inputs,)* #(#outputs,)* #(#plain,)* }),
    }
}

/// What is done with the fields; of what cannot be an actor, which has been told, nothing is.
pub fn if_whole(actor: &Actor, code: TokenStream) -> TokenStream {
    match actor.shape {
        Shape::Other => quote!(::streamlib::__private::told()),
        Shape::Named | Shape::Unit => code,
    }
}

/// `impl Ports`: the description that needs no value, and the way to the ports of one.
fn ports(actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let label = name.unraw().to_string();
    let doc = &actor.doc;
    let asked = Asked::of(actor);
    let inputs = actor
        .inputs()
        .enumerate()
        .map(|(index, (field, name, input))| {
            let required = input.is_required();
            info(
                field,
                name,
                index,
                asked.name(field, &input.payload),
                required,
                policy(input),
                input
                    .slots
                    .as_ref()
                    .map_or(quote!(0), ToTokens::to_token_stream),
            )
        });
    let outputs = actor
        .outputs()
        .enumerate()
        .map(|(index, (field, name, output))| {
            info(
                field,
                name,
                index,
                asked.name(field, &output.payload),
                false,
                quote!(::streamlib::__private::Policy::Latest),
                quote!(0),
            )
        });
    let on_error = on_error::expand(actor.arguments.on_error.as_ref());
    let deadline = match &actor.arguments.deadline {
        Some(ticks) => ticks.to_token_stream(),
        None => quote!(0),
    };
    let dispatcher = variant("dispatch", actor.arguments.dispatcher.as_ref(), "Threads");
    let clock = match &actor.arguments.clock {
        Some(_) => quote!(OwnClock),
        None if actor.inputs().any(|(_, _, input)| input.is_required()) => quote!(FromInputs),
        None => quote!(NoClock),
    };
    // `self` in the clock's expression means this one: it has to come from the same place.
    let this = actor
        .arguments
        .clock
        .as_ref()
        .and_then(|clock| find_self(clock.to_token_stream()));
    let this = this.unwrap_or_else(|| Ident::new("self", Span::mixed_site()));
    let own_clock = match &actor.arguments.clock {
        Some(expr) => quote! {
            ::core::option::Option::Some(::streamlib::__private::AnyClock::new(#expr))
        },
        None => quote!(::core::option::Option::None),
    };
    let unwired = wiring::unwired(actor, name);
    let hosting = isolated::hosting(actor);
    let (handle, handle_value) = handle::value(actor, name);
    let handle_value = if_whole(actor, handle_value);
    let published = actor.outputs().enumerate().map(|(index, (_, name, _))| {
        let bit = Literal::usize_unsuffixed(index);
        quote!(::streamlib::__private::published(&mut self.#name, #bit))
    });
    let published = if_whole(actor, sum(published, quote!(|)));
    let overwritten = actor
        .inputs()
        .map(|(_, name, _)| quote!(::streamlib::__private::Port::overwritten(&self.#name)));
    let overwritten = if_whole(actor, sum(overwritten, quote!(+)));
    let stale = actor
        .inputs()
        .map(|(_, name, _)| quote!(::streamlib::__private::Port::stale(&self.#name)));
    let stale = if_whole(actor, sum(stale, quote!(+)));
    quote! {
        #[diagnostic::do_not_recommend]
        impl #parameters ::streamlib::__private::Ports for #name #arguments #conditions {
            const INFO: ::streamlib::__private::ActorInfo = {
                #asked
                ::streamlib::__private::ActorInfo {
                    name: #label,
                    doc: #doc,
                    inputs: &[#(#inputs),*],
                    outputs: &[#(#outputs),*],
                    on_error: #on_error,
                    deadline: #deadline,
                }
            };
            type Itself = Self;
            type Dispatcher = #dispatcher;
            type Clock = ::streamlib::__private::#clock;
            fn own_clock(&#this) -> ::core::option::Option<::streamlib::__private::AnyClock> {
                #own_clock
            }
            #hosting
            #unwired
            type Handle = #handle;
            fn handle(&mut self, actor: ::streamlib::__private::ActorHandle) -> Self::Handle {
                #handle_value
            }
            fn published(&mut self) -> ::core::primitive::u64 {
                #published
            }
            fn overwritten(&self) -> ::core::primitive::u64 {
                #overwritten
            }
            fn stale(&self) -> ::core::primitive::u64 {
                #stale
            }
        }
    }
}

fn info(
    field: &Field,
    name: &Ident,
    index: usize,
    payload: TokenStream,
    required: bool,
    policy: TokenStream,
    slots: TokenStream,
) -> TokenStream {
    let (label, doc) = (name.unraw().to_string(), &field.doc);
    let index = Literal::usize_unsuffixed(index);
    quote! {
        ::streamlib::__private::PortInfo {
            name: #label,
            index: #index,
            payload: #payload,
            doc: #doc,
            required: #required,
            policy: #policy,
            slots: #slots,
        }
    }
}

/// The one place that asks for messages: what is none is told here, where it is typed first, and once,
/// however many ports carry it.
struct Asked<'a>(Vec<(String, &'a TokenStream)>);

impl<'a> Asked<'a> {
    fn of(actor: &'a Actor) -> Self {
        let inputs = actor
            .inputs()
            .map(|(field, _, input)| (field, &input.payload));
        let outputs = actor
            .outputs()
            .map(|(field, _, output)| (field, &output.payload));
        let mut asked: Vec<(String, &TokenStream)> = Vec::new();
        for (field, payload) in inputs.chain(outputs) {
            let text = payload.to_string();
            if !field.is_told && asked.iter().all(|(other, _)| *other != text) {
                asked.push((text, payload));
            }
        }
        Self(asked)
    }

    /// What the payload of a port is called.
    fn name(&self, field: &Field, payload: &TokenStream) -> TokenStream {
        let text = payload.to_string();
        match self.0.iter().position(|(asked, _)| *asked == text) {
            Some(place) if !field.is_told => payload_name(place).to_token_stream(),
            _ => quote!(""),
        }
    }
}

impl ToTokens for Asked<'_> {
    fn to_tokens(&self, written: &mut TokenStream) {
        for (place, (_, payload)) in self.0.iter().enumerate() {
            let name = payload_name(place);
            written.extend(quote!(let #name = ::streamlib::__private::payload::#payload();));
        }
    }
}

fn payload_name(place: usize) -> Ident {
    Ident::new(&format!("payload_{place}"), Span::mixed_site())
}

fn policy(input: &Input) -> TokenStream {
    match &input.every {
        Some(depth) => quote!(::streamlib::__private::Policy::Every { depth: #depth }),
        None => quote!(::streamlib::__private::Policy::Latest),
    }
}

/// `::streamlib::__private::OnError::Skip` for `skip`.
fn variant(of: &str, word: Option<&Ident>, otherwise: &str) -> TokenStream {
    let of = Ident::new(of, Span::mixed_site());
    let variant = match word {
        Some(word) => Ident::new(&wiring::camel_case(&word.unraw().to_string()), word.span()),
        None => Ident::new(otherwise, Span::mixed_site()),
    };
    quote!(::streamlib::__private::#of::#variant)
}

fn sum(terms: impl Iterator<Item = TokenStream>, operator: TokenStream) -> TokenStream {
    let sum = terms.reduce(|sum, term| quote!(#sum #operator #term));
    sum.unwrap_or_else(|| quote!(0))
}

fn find_self(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "self" => Some(word),
        TokenTree::Group(group) => find_self(group.stream()),
        _ => None,
    })
}

/// Whether some of the fields are there only under a condition.
pub fn find_conditions(actor: &Actor) -> bool {
    let mut fields = actor.fields.iter();
    fields.any(|field| field.conditions().next().is_some())
}
