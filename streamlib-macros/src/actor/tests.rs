//! The steps of `#[actor]` on tokens alone: what is told, what is written.

use proc_macro2::TokenStream;
use syn::{File, Item, ItemStruct};

use super::{check, expand, parse};
use crate::errors::Errors;

fn steps(arguments: &str, item: &str) -> (TokenStream, Errors) {
    let mut errors = Errors::default();
    let tokens = |text: &str| text.parse::<TokenStream>().expect("tokens");
    let mut actor = parse::parse(tokens(arguments), tokens(item), &mut errors);
    check::check(&mut actor, &mut errors);
    (expand::expand(&actor, &errors), errors)
}

fn written(arguments: &str, item: &str) -> String {
    let (tokens, errors) = steps(arguments, item);
    assert_eq!(errors.messages(), [""; 0]);
    syn::parse2::<File>(tokens.clone()).expect("items");
    crate::spans::without_marks(&tokens)
}

fn told(arguments: &str, item: &str) -> Vec<String> {
    let (tokens, errors) = steps(arguments, item);
    syn::parse2::<File>(tokens).expect("items, whatever is wrong");
    errors.messages()
}

/// How tokens are spaced says nothing.
fn has(written: &str, tokens: &str) {
    let close = |text: &str| text.split_whitespace().collect::<String>();
    assert!(
        close(written).contains(&close(tokens)),
        "no\n{tokens}\nin\n{written}"
    );
}

const LUMA: &str = "
    /// Measures brightness.
    #[derive(Debug)]
    pub(crate) struct Luma<T: Message, const N: usize = 4> where T: Clone {
        /// What is measured.
        #[input(every = 8, slots = 12)] pub video: Input<T>,
        #[streamlib::input(optional)] key: Input<VideoFrame>,
        #[input] layers: Inputs<VideoFrame>,
        #[output] mean: Output<DataMessage<f64>>,
        #[serde(skip)] pub gain: [f64; N],
        #[cfg(test)] offset: f64,
    }";

#[test]
fn the_struct_stays_as_it_is_less_the_marks_of_ports() {
    let (tokens, _) = steps("", LUMA);
    let file: File = syn::parse2(tokens).expect("items");
    let Some(Item::Struct(ItemStruct { attrs, fields, .. })) = file.items.first() else {
        panic!("the struct comes first");
    };
    assert_eq!(attrs.len(), 2);
    let marks: Vec<_> = fields.iter().map(|field| field.attrs.len()).collect();
    assert_eq!(marks, [1, 0, 0, 0, 1, 1]);
}

#[test]
fn a_parameter_for_each_field_that_is_no_port() {
    let written = written("new = assemble", LUMA);
    has(
        &written,
        "fn assemble(gain: [f64; N], #[cfg(test)] offset: f64) -> Self",
    );
    assert!(
        !written.contains("pub (crate) fn assemble"),
        "another name makes it private"
    );
    has(
        &written,
        "layers: ::streamlib::__private::Port::declare(&<Self as ::streamlib::__private::Ports>::INFO.inputs[2])",
    );
    has(
        &self::written("", LUMA),
        "pub(crate) fn new(gain: [f64; N], #[cfg(test)] offset: f64) -> Self",
    );
}

#[test]
fn each_field_is_asked_whether_it_can_move() {
    let whole = written("", LUMA);
    has(
        &whole,
        "for Luma<T, N> where T: Clone, [f64; N]: ::core::marker::Send<> {}",
    );
    has(
        &whole,
        "let Self {
            video: ref streamlib_field_0, key: ref streamlib_field_1, layers: ref streamlib_field_2, mean: ref streamlib_field_3, gain: ref streamlib_field_4,
            #[cfg(test)] offset: ref streamlib_field_5
        } = *self;
        ::streamlib::__private::port_moves(::streamlib::__private::field(streamlib_field_0));",
    );
    has(
        &whole,
        "#[cfg(test)] ::streamlib::__private::moves(::streamlib::__private::field(streamlib_field_5));",
    );
    // rustc finds out by itself where a condition of a field would be one of the whole.
    let conditional = written("", "struct Keep<T: Message> { #[cfg(test)] kept: Vec<T> }");
    assert!(!conditional.contains("move_with_it"), "{conditional}");
}

#[test]
fn a_parameter_that_flows_is_a_message() {
    let ports = "#[input] a: Input<T>, #[output] b: Output<T>";
    for generics in ["<T>", "<T: Clone + 'static>", "<T, U: Message>"] {
        let told = told("", &format!("struct Tee{generics} {{ {ports} }}"));
        let expected = "`T` flows through a port, and so is a message: write `T: Message`";
        assert_eq!(told, [expected], "{generics}");
    }
    for item in [
        format!("struct Tee<T: Message> {{ {ports} }}"),
        format!("struct Tee<T: Signal> {{ {ports} }}"),
        format!("struct Tee<T> where T: Message {{ {ports} }}"),
        "struct Tee<T> { #[input] a: Input<DataMessage<T>>, b: T }".to_owned(),
    ] {
        written("", &item);
    }
}

#[test]
fn what_cannot_be_an_actor_has_ports_and_a_constructor_all_the_same() {
    for item in [
        "struct Screen(#[input] Input<VideoFrame>, u8);",
        "enum Screen { On { #[input] video: Input<VideoFrame>, left: u8 }, Off }",
    ] {
        let (tokens, errors) = steps("", item);
        assert_eq!(errors.len(), 1, "{item}");
        let written = tokens.to_string();
        has(&written, ": u8) -> Self { ::streamlib::__private::told() }");
        has(&written, "type Port = Input<VideoFrame>;");
    }
}

#[test]
fn the_description_is_a_constant() {
    let written = written("dispatcher = inline, on_error = restart", LUMA);
    has(&written, "name: \"Luma\", doc: \"Measures brightness.\",");
    has(
        &written,
        "::streamlib::__private::PortInfo {
            name: \"video\", index: 0,
            payload: payload_0,
            doc: \"What is measured.\", required: true,
            policy: ::streamlib::__private::Policy::Every { depth: 8 }, slots: 12,
        }",
    );
    has(
        &written,
        "on_error: ::streamlib::__private::OnError::Restart(::streamlib::__private::Restart {
            ..::streamlib::__private::Restart::ALWAYS
        }),",
    );
    has(
        &written,
        "type Dispatcher = ::streamlib::__private::dispatch::Inline;",
    );
    has(&written, "type Clock = ::streamlib::__private::FromInputs;");
    has(
        &written,
        "impl<T: Message, const N: usize> ::streamlib::__private::Ports for Luma<T, N> where T: Clone",
    );
}

#[test]
fn only_what_must_be_connected_keeps_the_wiring_from_being_complete() {
    let written = written("", LUMA);
    has(
        &written,
        "impl<Video: LumaVideoConnected, Key> ::streamlib::__private::Complete for LumaWiring<Video, Key> {}",
    );
    has(&written, "pub fn layers(self) -> Self { self }");
    has(
        &written,
        "pub fn key(self) -> LumaWiring<Video, ::streamlib::__private::Fed> where Key: LumaKeyFree,",
    );
    has(
        &written,
        "message = \"`Luma` has 3 inputs: `video`, `key`, `layers`\"",
    );
    has(&written, "type Port = Output<DataMessage<f64>>;");
}

#[test]
fn the_handle_has_the_ports_and_their_documentation() {
    let written = written("", LUMA);
    has(
        &written,
        "#[doc = \"What is measured.\"] pub video: ::streamlib::__private::InputHandle<T>,",
    );
    has(
        &written,
        "layers: ::streamlib::__private::InputsHandle<VideoFrame>,",
    );
    has(
        &written,
        "mean: ::streamlib::__private::OutputHandle<DataMessage<f64>>,",
    );
    let named_so = self::written(
        "",
        "struct A { #[output] actor: Output<X>, #[output] actor_: Output<X> }",
    );
    has(&named_so, "actor__: ::streamlib::__private::ActorHandle,");
}

#[test]
fn a_clock_may_come_from_the_actor_itself() {
    let written = written(
        "clock = SoftwareClock::new(self.rate)",
        "struct Beat { rate: Rate }",
    );
    has(
        &written,
        "::core::option::Option::Some(::streamlib::__private::AnyClock::new(SoftwareClock::new(self.rate)))",
    );
    has(&written, "type Clock = ::streamlib::__private::OwnClock;");
    has(
        &self::written("", "struct Beat;"),
        "type Clock = ::streamlib::__private::NoClock;",
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = told(
        "dispacher = inline, clock, on_error = retry, new = 3, new = b",
        "struct Luma<'a> {
            #[input(every = 0)] a: Input<X>,
            #[input(slots = 2, latest = 1)] b: Input<X>,
            #[input] c: Output<X>,
            #[output] d: Vec<X>,
            e: Input<X>,
            #[cfg(unix)] #[output(fast)] f: Output<X>,
        }",
    );
    let words = [
        "no argument is called `dispacher`: there is `dispatcher`, `clock`, `on_error`, `deadline` or `new`; did you mean `dispatcher`?",
        "`new` is given twice",
        "`clock` needs a value",
        "no `on_error` is called `retry`: it is `skip`, `restart`, `stop` or `stop_all`",
        "expected one word: write `new = assemble`",
        "`latest` takes no value",
        "an `Output<…>` is marked `#[output]`",
        "`#[output]` goes on a field whose type is written `Output<…>`",
        "this attribute takes no arguments",
        "an actor cannot borrow",
        "`every` is 1 or more",
        "`slots` is 3 or more",
        "a port is marked: write `#[input]`",
        "put the condition on the struct",
    ];
    for word in words {
        assert!(
            told.iter().any(|message| message.contains(word)),
            "{word}: {told:#?}"
        );
    }
    assert_eq!(told.len(), words.len(), "{told:#?}");
}

#[test]
fn what_is_no_struct_is_told_and_left() {
    for (item, word) in [
        (
            "enum A { B { #[input] a: Input<X> } }",
            "an actor is a struct",
        ),
        ("struct A(#[input] Input<X>);", "ports have names"),
        ("union A { #[input] a: Input<X> }", "not on a union"),
        ("impl A {}", "not on an `impl`"),
        ("mod a {}", "goes on a struct"),
    ] {
        let told = told("", item);
        assert!(
            told.len() == 1 && told[0].contains(word),
            "{item}: {told:?}"
        );
    }
}

#[test]
fn what_restart_says_more_is_checked() {
    let written = written(
        "on_error = restart { max: 3, backoff: Duration::from_secs(1) }, deadline = 9",
        "struct Beat { rate: Rate }",
    );
    has(
        &written,
        "::streamlib::__private::Restart {
            max: 3, backoff: Duration::from_secs(1), ..::streamlib::__private::Restart::ALWAYS
        }",
    );
    has(&written, "deadline: 9,");
    let told = told(
        "on_error = restart { max: 0, withn: x, max: 2, ..y }, deadline = 0",
        "struct Beat;",
    );
    for word in [
        "what is left out is as it is",
        "`max` is 1 or more",
        "`restart` has no `withn`: it has `max`, `within` or `backoff`; did you mean `within`?",
        "`max` is given twice",
        "`deadline` is 1 or more",
    ] {
        assert!(
            told.iter().any(|message| message.contains(word)),
            "{word}: {told:#?}"
        );
    }
    assert_eq!(told.len(), 5, "{told:#?}");
    let told = self::told("on_error = stop { max: 1 }", "struct Beat;");
    assert!(told[0].contains("only `restart` says more"), "{told:?}");
}

#[test]
fn what_comes_near_an_argument_is_told_once() {
    for (arguments, word) in [
        ("every(8)", "write `every = 8`"),
        ("every: 8", "write `every = 8`"),
        ("every 8", "write `every = 8`"),
        ("every = , optional", "`every` needs a value here"),
        ("every =", "`every` needs a value here"),
        ("every = 3 +", "`every` needs a value here"),
        ("every", "`every` needs a value: write"),
        ("optional every = 3", "a comma stands between arguments"),
        ("every = 3 optional", "a comma stands between arguments"),
        ("optional(true)", "`optional` takes no value"),
        ("optional =", "`optional` takes no value"),
        ("every = 3, latest", "take one of the two out"),
        ("latest, every(3)", "write `every = 3`"),
    ] {
        let told = told(
            "",
            &format!("struct A {{ #[input({arguments})] a: Input<B> }}"),
        );
        let expected = if arguments.starts_with("latest") {
            2
        } else {
            1
        };
        assert!(
            told.len() == expected && told[0].contains(word),
            "{arguments}: {told:?}"
        );
    }
    let told = told("on_error: restart { max: 3 }", "struct A;");
    assert!(
        told.len() == 1 && told[0].contains("write `on_error = restart"),
        "{told:?}"
    );
    written(
        "",
        "struct A { #[input(every = Depth::<A, 3>::of(|a, b| a), slots = 4)] a: Input<B> }",
    );
}

#[test]
fn an_actor_twice_is_told_and_is_one() {
    for again in ["#[actor]", "#[streamlib::actor(dispatcher = inline)]"] {
        for item in ["pub struct A;", "fn a() {}"] {
            let item = format!("/// A. \n #[derive(Debug)] {again} {item}");
            let written =
                super::expand(TokenStream::new(), item.parse().expect("tokens"), None).to_string();
            assert_eq!(written.matches("compile_error").count(), 1, "{written}");
            assert!(
                !written.contains("# [actor") && !written.contains(":: actor"),
                "{written}"
            );
        }
    }
    let other = "#[actix::actor] pub struct A;".parse().expect("tokens");
    assert!(
        !super::expand(TokenStream::new(), other, None)
            .to_string()
            .contains("compile_error")
    );
}

#[test]
fn a_name_twice_is_told_and_stands_once() {
    let (tokens, errors) = steps(
        "",
        "struct A { #[input] a: Input<B>, #[output] r#a: Output<B>, b: u8 }",
    );
    assert_eq!(
        errors.messages(),
        ["two fields are called `a`: give one of them another name"]
    );
    has(&tokens.to_string(), "struct A { a: Input<B>, b: u8 }");
    written(
        "",
        "struct A { #[cfg(unix)] a: u8, #[cfg(not(unix))] a: u16 }",
    );
}

#[test]
fn what_no_port_carries_is_told_and_another_is_there() {
    for (item, word, meant) in [
        (
            "struct A { #[input] a: Input<[B]> }",
            "write `B`",
            "a: Input<B>",
        ),
        (
            "struct A { #[output] a: Output<str> }",
            "owns its text",
            "Output<::streamlib::__private::VideoFrame>",
        ),
        (
            "struct A { #[output] a: Output<&B> }",
            "outlives the tick",
            "Output<B>",
        ),
        (
            "struct A<T: Message + ?Sized> { #[input] a: Input<T> }",
            "take `?Sized` out",
            "struct A<T: Message> {",
        ),
        (
            "struct A<T> where T: ?Sized + Message { #[input] a: Input<T> }",
            "take `?Sized` out",
            "struct A<T> where T: Message {",
        ),
    ] {
        let (tokens, errors) = steps("", item);
        let told = errors.messages();
        assert!(
            told.len() == 1 && told[0].contains(word),
            "{item}: {told:?}"
        );
        has(&tokens.to_string(), meant);
    }
    written(
        "",
        "struct A<T: ?Sized> { a: Box<T>, #[input] b: Input<&'static B> }",
    );
}

#[test]
fn a_payload_of_several_ports_is_asked_once() {
    let written = written(
        "",
        "struct A { #[input] a: Input<B>, #[output] b: Output<B>, #[output] c: Output<C> }",
    );
    assert_eq!(written.matches("payload ::").count(), 2, "{written}");
}
