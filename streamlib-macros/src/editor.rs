//! What an editor needs: every word that is typed is in what is written, at its own place; and what is
//! half typed keeps what stands around it.

use std::collections::HashSet;

use proc_macro2::{LineColumn, TokenStream, TokenTree};

const GRAPH: &str = "/// What all tick by.
    clock house = time.clone();
    /// What is shown.
    bars = TestPattern::new(Pattern::SmpteBars).size(wide, high) @ house;
    ramp = TestPattern::new(Pattern::Gradient) @ house on tokio;
    other = stripes::<Rgb>(|line| line + offset).clocked(own) on inline;
    mix = Compositor::new(wide, high) @ time;
    bars.video >> mix.layers;
    ramp >> mix.layers;
    other.video >> mix;
    bars.video >> invert >> grey.input;
    mix.video >> [luma, Null::new(), { make(sink) }, screen.video];
    luma.mean >> Print::named(label);
    mix >> last";

const ACTOR: &str = "/// Measures.
    #[derive(Debug, Clone)]
    pub(crate) struct Luma<T: Message + Clone, const N: usize = FOUR> where T: Copy {
        #[input(every = DEPTH, slots = slots::MANY)]
        pub video: Input<T>,
        #[input(optional)]
        key: streamlib::prelude::Input<VideoFrame>,
        #[input]
        layers: Inputs<frames::Frame>,
        #[output]
        mean: Output<DataMessage<f64>>,
        pub(super) gain: [f64; N],
        #[cfg(test)]
        offset: Option<Box<dyn Fn(T) -> f64 + Send>>,
        last: PhantomData<T>
    }";

const ARGUMENTS: &str = "dispatcher = inline, clock = SoftwareClock::new(self.rate), on_error = restart, new = assemble";

/// The words of the macros' own: they are read, and name nothing.
const OWN: [&str; 11] = [
    "clock",
    "on",
    "input",
    "output",
    "every",
    "slots",
    "optional",
    "dispatcher",
    "on_error",
    "new",
    "doc",
];

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("tokens")
}

/// Every word and where it stands. What a macro adds stands nowhere.
fn words(tokens: TokenStream, found: &mut Vec<(String, LineColumn)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Ident(word) => {
                // `tokio` becomes a constant of that name, `restart` the variant `Restart`.
                let text = word.to_string().to_lowercase();
                let text = text.trim_start_matches("r#").to_owned();
                found.push((text, word.span().start()));
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The words, and where they were typed, that are not written there.
fn lost(typed: &[TokenStream], written: TokenStream) -> Vec<(String, LineColumn)> {
    let mut there = Vec::new();
    words(written, &mut there);
    let there: HashSet<_> = there.into_iter().collect();
    let mut wanted = Vec::new();
    typed
        .iter()
        .for_each(|typed| words(typed.clone(), &mut wanted));
    wanted.retain(|word| !OWN.contains(&word.0.as_str()) && !there.contains(word));
    wanted
}

#[test]
fn every_word_of_a_graph_is_written_where_it_was_typed() {
    let graph = tokens(GRAPH);
    let written = crate::pipeline::expand(graph.clone());
    assert_eq!(lost(&[graph], written), []);
}

#[test]
fn every_word_of_an_actor_is_written_where_it_was_typed() {
    // One text, so that no two words stand at one place.
    let all = tokens(&format!("({ARGUMENTS}) {ACTOR}"));
    let mut all = all.into_iter();
    let Some(TokenTree::Group(arguments)) = all.next() else {
        panic!("the arguments come first");
    };
    let (arguments, item): (_, TokenStream) = (arguments.stream(), all.collect());
    let written = crate::actor::expand(arguments.clone(), item.clone(), None);
    assert_eq!(lost(&[arguments, item], written), []);
}

/// What an editor makes of text that ends too early: it closes what is open.
fn closed(prefix: &str) -> Option<TokenStream> {
    let mut open = Vec::new();
    for letter in prefix.chars() {
        match letter {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    let rest: String = open.into_iter().rev().collect();
    format!("{prefix}{rest}").parse().ok()
}

#[test]
fn every_prefix_of_a_graph_is_an_expression_that_keeps_what_is_whole() {
    let ends: Vec<_> = GRAPH.match_indices(';').map(|(end, _)| end + 1).collect();
    let mut seen = 0;
    for (end, _) in GRAPH.char_indices() {
        let prefix = &GRAPH[..end];
        let Some(typed) = closed(prefix) else {
            continue;
        };
        let written = crate::pipeline::expand(typed);
        if let Err(error) = syn::parse2::<syn::Expr>(written.clone()) {
            panic!("{error} after\n{prefix}\nin\n{written}");
        }
        if let Some(&whole) = ends.iter().rfind(|&&whole| whole <= end) {
            let lost = lost(&[tokens(&GRAPH[..whole])], written);
            assert!(lost.is_empty(), "{lost:?} lost after\n{prefix}");
        }
        seen += 1;
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn a_statement_that_breaks_off_leaves_the_others_whole() {
    let statements: Vec<&str> = GRAPH.split_inclusive(';').collect();
    let mut seen = 0;
    for (number, statement) in statements.iter().enumerate() {
        let (before, after) = (
            statements[..number].concat(),
            statements[number + 1..].concat(),
        );
        let declared = statement.split_once('=').map(|(before, _)| before);
        for (end, _) in statement.trim_end_matches(';').char_indices() {
            // What is cut off leaves its room, so that the rest stands where it stood.
            let room: String = statement[end..]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' })
                .collect();
            let room = room.strip_suffix(' ').unwrap_or(&room);
            let text = format!("{before}{}{room};{after}", &statement[..end]);
            let Ok(typed) = text.parse::<TokenStream>() else {
                continue;
            };
            let written = crate::pipeline::expand(typed);
            assert!(syn::parse2::<syn::Expr>(written.clone()).is_ok(), "{text}");
            let rest = format!(
                "{before}{};{after}",
                statement.replace(|c| c != '\n', " ").trim_end_matches(';')
            );
            let lost = lost(&[tokens(&rest)], written);
            // What has no value has no ports: where it is wired, it cannot be kept.
            let node = declared.and_then(|before| before.split_whitespace().last());
            let node = node.unwrap_or_default();
            let of_others: Vec<_> = lost
                .iter()
                .filter(|(word, _)| word != node && word != "video" && word != "layers")
                .collect();
            assert!(of_others.is_empty(), "{of_others:?} lost in\n{text}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn every_prefix_of_an_actor_is_items_that_keep_the_fields_that_are_whole() {
    let body = ACTOR.find("{").expect("a struct has braces") + 1;
    let fields = [
        "video :", "key :", "layers :", "mean :", "gain :", "offset :",
    ];
    let ends: Vec<_> = ACTOR.match_indices(",\n").map(|(end, _)| end).collect();
    assert_eq!(ends.len(), fields.len());
    let mut seen = 0;
    for (end, _) in ACTOR.char_indices().skip(body) {
        let prefix = &ACTOR[..end];
        let Some(tokens) = closed(prefix) else {
            continue;
        };
        let written = crate::actor::expand(TokenStream::new(), tokens, None);
        let file = match syn::parse2::<syn::File>(written.clone()) {
            Ok(file) => file,
            Err(error) => panic!("{error} after\n{prefix}\nin\n{written}"),
        };
        let Some(syn::Item::Struct(item)) = file
            .items
            .iter()
            .find(|item| matches!(item, syn::Item::Struct(_)))
        else {
            panic!("no struct after\n{prefix}\nin\n{written}");
        };
        let item = quote::quote!(#item).to_string();
        for (end, field) in ends.iter().zip(fields) {
            assert!(
                prefix.len() < *end || item.contains(field),
                "no `{field}` after\n{prefix}\nin\n{item}"
            );
        }
        seen += 1;
    }
    assert!(seen > 400, "{seen}");
}
