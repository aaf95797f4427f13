//! The steps of `#[actor]` on a function, on tokens alone: what is told, what is written.

use proc_macro2::TokenStream;
use syn::{File, Item};

use super::{is_function, steps};
use crate::errors::Errors;

fn expanded(arguments: &str, item: &str) -> (TokenStream, Errors) {
    let mut errors = Errors::default();
    let tokens = |text: &str| text.parse::<TokenStream>().expect("tokens");
    let item = tokens(item);
    assert!(is_function(&item), "{item}");
    (steps(tokens(arguments), item, &mut errors), errors)
}

fn written(arguments: &str, item: &str) -> String {
    let (tokens, errors) = expanded(arguments, item);
    assert_eq!(errors.messages(), [""; 0]);
    syn::parse2::<File>(tokens.clone()).expect("items");
    crate::spans::without_marks(&tokens)
}

fn told(arguments: &str, item: &str) -> Vec<String> {
    let (tokens, errors) = expanded(arguments, item);
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
    /// Mean brightness.
    ///
    /// More.
    #[derive(Debug)]
    #[expect(clippy::float_cmp)]
    pub(crate) fn luma<T: Message, const N: usize>(
        /// What is measured.
        #[input(slots = 5)] video: &T,
        #[input] key: Option<&VideoFrame>,
        #[streamlib::input(every = 8)] r#gen: &mut Input<AudioBuffer>,
        #[input] layers: &mut Inputs<T>,
        #[output] left: &mut Output<T>,
        TimedTick { frame_number, .. }: TimedTick,
        /// How much.
        mut gain: [f64; N],
        name: &str,
        list: &[u8],
        seen: &mut u64,
        label: &'static str,
    ) -> Result<Option<DataMessage<f64>>> where T: Clone { gain + 0.5 }";

#[test]
fn the_struct_has_a_field_for_each_port_and_each_piece_of_configuration() {
    let (tokens, _) = expanded("", LUMA);
    let file: File = syn::parse2(tokens).expect("items");
    let Some(Item::Struct(item)) = file.items.first() else {
        panic!("the struct comes first");
    };
    assert_eq!(item.ident, "Luma");
    let fields: Vec<_> = item
        .fields
        .iter()
        .map(|field| {
            let (name, ty) = (&field.ident, &field.ty);
            let text = quote::quote!(#name: #ty).to_string();
            text.replace(":: streamlib :: __private :: ", "")
                .split_whitespace()
                .collect::<String>()
        })
        .collect();
    assert_eq!(
        fields,
        [
            "video:Input<T>",
            "key:Input<VideoFrame>",
            "r#gen:Input<AudioBuffer>",
            "layers:Inputs<T>",
            "left:Output<T>",
            "gain:[f64;N]",
            "name:::std::string::String",
            "list:::std::vec::Vec<u8>",
            "seen:u64",
            "label:&'staticstr",
            "output:Output<DataMessage<f64>>",
        ]
    );
}

#[test]
fn the_name_of_the_function_makes_the_actor() {
    let written = written("", LUMA);
    has(
        &written,
        "pub(crate) fn luma<T: Message, const N: usize>(
            gain: [f64; N],
            name: impl ::core::convert::Into< ::std::string::String>,
            list: impl ::core::convert::Into< ::std::vec::Vec<u8> >,
            seen: u64,
            label: &'static str
        ) -> Luma<T, N> where T: Clone",
    );
    has(
        &written,
        "#[doc = \"\"] #[doc = \"- `gain`: How much.\"] #[must_use]",
    );
    assert!(!written.contains("fn new"), "there is one way");
}

#[test]
fn the_function_stays_as_typed_less_its_marks() {
    let written = written("", LUMA);
    has(
        &written,
        "fn luma<T: Message, const N: usize>(
            video: &T,
            key: Option<&VideoFrame>,
            r#gen: &mut Input<AudioBuffer>,
            layers: &mut Inputs<T>,
            left: &mut Output<T>,
            TimedTick { frame_number, .. }: TimedTick,
            mut gain: [f64; N],
            name: &str,
            list: &[u8],
            seen: &mut u64,
            label: &'static str,
        ) -> Result<Option<DataMessage<f64>>> where T: Clone { gain + 0.5 }",
    );
    assert_eq!(written.matches("float_cmp").count(), 1, "on the body alone");
}

#[test]
fn a_tick_calls_it() {
    let written = written("", LUMA);
    has(
        &written,
        "let ::core::option::Option::Some(item_0) = self.video.latest() else {
            return ::core::future::ready(::core::result::Result::Ok(()));
        };
        let item_1 = self.key.latest();",
    );
    has(
        &written,
        "luma::<T, N>(&*item_0, item_1.as_deref(), &mut self.r#gen, &mut self.layers, &mut self.left, tick,
            ::streamlib::__private::handed_over(::streamlib::__private::same(&self.gain)), &self.name, &self.list, &mut self.seen,
            ::streamlib::__private::handed_over(::streamlib::__private::same(&self.label)))",
    );
    has(
        &written,
        "::streamlib::__private::Returned(value).send(&mut self.output, tick);",
    );
    let waits = self::written("", "async fn a(x: u8) {}");
    has(
        &waits,
        "a(::streamlib::__private::handed_over(::streamlib::__private::same(&self.x))).await; ::core::result::Result::Ok(())",
    );
    has(&waits, "async fn process(&mut self, _:");
}

#[test]
fn the_description_is_in_the_words_of_the_user() {
    let written = written("dispatcher = inline, on_error = stop", LUMA);
    has(
        &written,
        "name: \"Luma\", doc: \"Mean brightness.\\n\\nMore.\",",
    );
    has(&written, "doc: \"What is measured.\", required: true,");
    has(
        &written,
        "doc: \"\", required: false, policy: ::streamlib::__private::Policy::Latest, slots: 0,",
    );
    has(
        &written,
        "policy: ::streamlib::__private::Policy::Every { depth: 8 }",
    );
    has(
        &written,
        "type Dispatcher = ::streamlib::__private::dispatch::Inline;",
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = told(
        "dispacher = inline, new = make",
        "const unsafe extern \"C\" fn luma<'a>(
            #[input(every = 8)] a: &'a X,
            #[input(slots = 2)] b: X,
            #[input] c: &mut X,
            #[input] d: Option<X>,
            #[input] e: Inputs<X>,
            #[input] f: &Input<X>,
            #[input] g: &Output<X>,
            #[input] #[output] h: &X,
            #[input(optional)] i: &X,
            #[output] j: X,
            #[output] k: Output<X>,
            #[output] l: &mut Input<X>,
            m: &mut Output<X>,
            n: impl Fn(),
            o: &dyn Fn(),
            (p, q): (u8, u8),
            r: &TimedTick,
            #[cfg(unix)] s: u8,
            output: u8,
        ) -> Option<X>;",
    );
    let words = [
        "no argument is called `dispacher`",
        "take out `new`",
        "take out `const`",
        "take out `unsafe`",
        "take out `extern`",
        "leave the lifetime out",
        "take the port itself",
        "`slots` is 3 or more",
        "write `&T`, or `Option<&T>`",
        "others read it too",
        "write `Option<&T>`",
        "write `&mut Inputs<…>`",
        "write `&mut Input<…>`",
        "an `Output<…>` is marked `#[output]`",
        "a parameter is one port",
        "an input that may be open may have no item",
        "`#[output]` goes on a parameter of type",
        "write `&mut Output<…>`",
        "an `Input<…>` is marked `#[input]`",
        "a port is marked: write `#[output]`",
        "write a type parameter, `fn name<F: …>(f: F)`",
        "the actor owns what it lends",
        "has a name: write `name: Type`",
        "write `TimedTick`",
        "put the condition on the function",
        "call this another name",
        "write `{ … }`",
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
fn what_cannot_be_published_is_told() {
    for (returned, word) in [
        ("(A, B)", "for several"),
        ("Result<(A, B)>", "for several"),
        ("&A", "outlives the tick"),
        ("impl Message", "has a name"),
        ("Option<impl Message>", "has a name"),
        ("Option<Result<A>>", "the error comes first"),
        ("Option<()>", "nothing to publish"),
        ("!", "returns on every tick"),
        ("Output<A>", "without `Output<…>` around it"),
        ("Result<Output<A>>", "without `Output<…>` around it"),
    ] {
        let told = told("", &format!("fn make() -> {returned} {{}}"));
        assert!(
            told.len() == 1 && told[0].contains(word),
            "{returned}: {told:?}"
        );
    }
    for returned in ["()", "Result<()>", "Result<(), E>"] {
        let written = written("", &format!("fn a() -> {returned} {{}}"));
        assert!(!written.contains("payload"), "{returned}");
    }
}

#[test]
fn a_name_that_is_taken_is_told() {
    for signature in [
        "fn pose() -> Pose",
        "fn pose(#[input] pose: &Pose)",
        "fn pose() -> Result<Option<Pose>>",
    ] {
        let told = told("", &format!("{signature} {{}}"));
        assert!(
            told.len() == 1 && told[0].contains("called `Pose`"),
            "{signature}: {told:?}"
        );
    }
    for signature in [
        "fn pose() -> find::Pose",
        "fn pose(of: find::Pose)",
        "fn pose(#[input] of: &Poses)",
    ] {
        written("", &format!("{signature} {{}}"));
    }
}

#[test]
fn a_name_that_is_no_type_is_told() {
    for name in ["_1", "self_", "__"] {
        let told = told("", &format!("fn {name}() {{}}"));
        assert!(
            told.len() == 1 && told[0].contains("camel case"),
            "{told:?}"
        );
    }
    has(&written("", "fn r#match() {}"), "struct Match {");
    has(&written("", "fn left_eye_2() {}"), "struct LeftEye2 {");
}

#[test]
fn only_a_function_is_one() {
    for item in ["struct A;", "const A: u8 = 1;", "impl A { fn a() {} }", ""] {
        assert!(!is_function(&item.parse().expect("tokens")), "{item}");
    }
    for item in [
        "#[a] pub(crate) async fn a() {}",
        "unsafe extern \"C\" fn a();",
    ] {
        assert!(is_function(&item.parse().expect("tokens")), "{item}");
    }
}

#[test]
fn a_method_is_left_as_it_is() {
    let (tokens, errors) = expanded(
        "dispacher = x",
        "pub fn show(&self, /** The picture. */ #[input(every = 0)] a: A) -> ! { self.b(a) }",
    );
    assert_eq!(errors.len(), 1, "{:?}", errors.messages());
    let written = tokens.to_string();
    has(&written, "pub fn show(&self, a: A) -> ! { self.b(a) }");
    assert!(!written.contains("struct"), "{written}");
}

#[test]
fn what_no_port_carries_is_told_and_the_ports_are_there() {
    for (port, word, meant) in [
        ("#[input] a: &[B]", "write `&B`", "Input<B>"),
        (
            "#[input] a: &str",
            "owns its text",
            "Input<::streamlib::__private::VideoFrame>",
        ),
        (
            "#[input] a: &dyn B",
            "has a name",
            "Input<::streamlib::__private::VideoFrame>",
        ),
        (
            "#[input] a: &&B",
            "outlives the tick: write `&B`",
            "Input<B>",
        ),
        ("#[input] a: Option<&[B]>", "write `&B`", "Input<B>"),
        (
            "#[input] a: &B<'_>",
            "owns what it holds",
            "Input<::streamlib::__private::VideoFrame>",
        ),
        (
            "#[output] a: Option<&mut Output<B>>",
            "may be left silent",
            "Output<B>",
        ),
        (
            "#[output] a: &mut Option<&B>",
            "goes on a parameter",
            "Output<::streamlib::__private::VideoFrame>",
        ),
    ] {
        let (tokens, errors) = expanded("", &format!("fn show({port}) {{}}"));
        let told = errors.messages();
        assert!(
            told.len() == 1 && told[0].contains(word),
            "{port}: {told:?}"
        );
        let written = tokens.to_string();
        has(&written, meant);
        assert!(
            !written.contains("payload ::"),
            "{port} is asked again: {written}"
        );
    }
}

#[test]
fn what_is_half_typed_leaves_the_ports_that_are_there() {
    for parameters in [
        "#[input] a: &B, #[input] c: &",
        "#[input] a: &B, #[input] c:",
        "#[input] c, #[input] a: &B",
        "#[input] a: &B, #[input(optional)]",
        "#[input] a: &B, gain: ",
        "#[input] a: &B, #[output] c: &mut Output<",
    ] {
        let (tokens, errors) = expanded("", &format!("fn show({parameters}) -> B {{ c.b }}"));
        assert_eq!(errors.messages(), [""; 0], "rustc tells {parameters}");
        let file = syn::parse2::<File>(tokens.clone());
        assert!(file.is_ok(), "{parameters}: {tokens}");
        let written = tokens.to_string();
        has(&written, "a: ::streamlib::__private::Input<B>,");
        assert!(!written.contains("c . b"), "{written}");
        assert_eq!(
            written.contains("_ : impl :: core :: marker :: Sized"),
            parameters.contains("gain"),
            "{written}"
        );
    }
    // What rustc may have understood is told.
    let other = "fn show(#[input] a: &B, c: #new syntax) {}"
        .parse()
        .expect("tokens");
    let written = super::expand(TokenStream::new(), other, Errors::default()).to_string();
    assert!(written.contains("compile_error"), "{written}");
}
