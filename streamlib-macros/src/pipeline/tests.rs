//! The steps of `pipeline!` on tokens alone: what is read, what is told, what is written.

use proc_macro2::TokenStream;
use quote::quote;

use super::plan::{Meeting, Plan};
use super::{check, expand, parse};
use crate::errors::Errors;

fn plan(items: &str) -> (Plan, Errors) {
    let tokens: TokenStream = items.parse().expect("tokens");
    let (tree, mut errors) = parse::parse(tokens);
    let plan = check::check(tree, &mut errors);
    (plan, errors)
}

fn told(items: &str) -> Vec<String> {
    plan(items).1.messages()
}

fn written(items: &str) -> String {
    let (plan, errors) = plan(items);
    crate::spans::without_marks(&expand::expand(&plan, &errors))
}

/// `from -> to`, by name.
fn edges(plan: &Plan) -> Vec<String> {
    let name = |side: &super::plan::Side| {
        let port = side.port.as_ref().map(|port| format!(".{port}"));
        plan.nodes[side.node].label.clone() + &port.unwrap_or_default()
    };
    plan.edges
        .iter()
        .map(|edge| format!("{} -> {}", name(&edge.from), name(&edge.to)))
        .collect()
}

#[test]
fn chains_and_lists_become_edges() {
    let (plan, errors) = plan(
        "mix = Mix::<Vec<u8>, { 1 >> 0 }>::new() on threads @ house;
         bars.video >> mix >> [luma, Null::new(), Null::<Vec<Vec<u8>>>::new(),];
         luma.mean >> Print::new()",
    );
    assert_eq!(errors.messages(), [""; 0]);
    assert_eq!(
        edges(&plan),
        [
            "bars.video -> mix",
            "mix -> luma",
            "mix -> null",
            "mix -> null_2",
            "luma.mean -> print"
        ]
    );
    let words: Vec<_> = plan
        .nodes
        .iter()
        .map(|node| node.dispatcher.is_some())
        .collect();
    assert_eq!(words, [true, false, false, false, false, false]);
}

#[test]
fn one_ring_for_an_output_however_it_is_typed() {
    let (plan, _) = plan("mix >> a; mix.video >> b; mix >> c; bars.left >> d; bars.right >> e");
    let readers: Vec<_> = plan
        .outlets
        .iter()
        .map(|outlet| outlet.edges.clone())
        .collect();
    assert_eq!(readers, [vec![0, 1, 2], vec![3], vec![4]]);
    assert!(plan.outlets[0].from.port.is_some() && plan.outlets[0].sole.is_some());
}

#[test]
fn what_feeds_comes_after_what_it_feeds() {
    let (plan, _) = plan("a >> [b, c]; b >> d.left; c >> d.right; x >> a; e >> f");
    let order: Vec<_> = plan
        .order
        .iter()
        .map(|&node| plan.nodes[node].label.as_str())
        .collect();
    assert_eq!(order, ["f", "e", "d", "c", "b", "a", "x"]);
}

#[test]
fn clocks_that_differ_meet_where_no_clock_is_named() {
    let (plan, errors) = plan(
        "clock house = c; bars = B::new() @ house; ramp = R::new() @ house; far = F::new();
         mix = M::new() @ house; late = L::new() @ house;
         bars >> mix; ramp >> mix; mix >> sink; far >> late; late >> end; bars >> both; far >> both.b",
    );
    assert_eq!(errors.messages(), [""; 0]);
    let node = |label: &str| {
        plan.nodes
            .iter()
            .find(|node| node.label == label)
            .expect("the node")
    };
    assert_eq!(node("sink").ticked_by, "house");
    assert_eq!(node("end").ticked_by, "house");
    assert!(matches!(
        node("both").meeting,
        Some(Meeting { input: Some(_), .. })
    ));
    assert!(node("mix").meeting.is_none() && node("late").meeting.is_none());
}

#[test]
fn several_mistakes_are_told_at_once() {
    let told = told(
        "bars = B::new() on thraeds;
         bars = C::new();
         spare = D::new();
         let mix = M::new();
         bars >> mix >> bars;
         [a, b] >> c;
         x;",
    );
    let words = [
        "without `let`",
        "did you mean `threads`?",
        "`bars` is declared twice",
        "a list comes last",
        "connects nothing",
        "`bars >> mix >> bars`",
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
fn a_misspelt_name_is_told_where_it_is_typed() {
    let told = told("bars = B::new(); bras >> null");
    assert_eq!(
        told,
        ["`bras` is no node, and `bars` is never used; did you mean `bars`?"]
    );
}

#[test]
fn every_circle_is_told_with_its_path() {
    let told = told("a >> b >> c >> a; d >> d; c >> e");
    let told: Vec<_> = told
        .iter()
        .filter_map(|message| message.lines().next())
        .collect();
    assert_eq!(
        told,
        [
            "the graph runs in a circle: `a >> b >> c >> a`",
            "`d` feeds itself: `d >> d`"
        ]
    );
}

#[test]
fn an_edge_to_itself_is_told_by_what_stands_elsewhere() {
    let first = |typed| told(typed).first().cloned().unwrap_or_default();
    assert!(first("a.x >> a.y; b >> a.x").starts_with("`a.x` stands right of `>>` elsewhere"));
    assert!(first("a.x >> a.y; a.y >> b").starts_with("`a.y` stands left of `>>` elsewhere"));
    for typed in [
        "a.x >> a.y; b >> a.y",
        "a.x >> a.y; a.x >> b",
        "a >> a; b >> a.x",
    ] {
        assert!(first(typed).starts_with("`a` feeds itself"), "{typed}");
    }
}

#[test]
fn a_name_of_one_edition_is_written_for_all() {
    let written = written("gen >> display");
    assert!(written.contains("let mut r#gen"), "{written}");
    assert!(!written.split(' ').any(|word| word == "gen"), "{written}");
    assert!(written.contains("\"gen\""), "{written}");
}

#[test]
fn every_name_that_is_typed_is_written() {
    let written = written("mix.video >> a; mix >> b.input; mix.video >> c; d.x >> c.y");
    for (place, times) in [
        ("let _ = & mix . actor . video", 2),
        ("& mut mix . actor . video", 1),
    ] {
        assert_eq!(written.matches(place).count(), times, "{place}: {written}");
    }
    // Once for the ring's writer (`mix >>`), once more for what says that it is the only one.
    assert!(
        written.contains("sole_output (& mut (mix . actor))"),
        "{written}"
    );
    assert!(
        written.contains(
            "through_input (b . kind , :: streamlib :: __private :: same (between_1 . keep (& b . actor . input)) , inputs) . input ()"
        ),
        "{written}"
    );
}

#[test]
fn nothing_is_looked_up_by_name_and_all_paths_are_absolute() {
    let written = written("clock c = k; a = A::new() @ c; a.x >> [b.y, C::new()]; ");
    let expected = quote! {
        let between_0 = ::streamlib::__private::arrives(::streamlib::__private::same(
            ::streamlib::__private::leaves(::streamlib::__private::same(
                ::streamlib::__private::forward(::streamlib::__private::between(
                    a.kind,
                    ::streamlib::__private::through(a.kind, &a.actor.x, ::streamlib::__private::names(a.kind)).x(),
                    b.kind,
                    ::streamlib::__private::through(b.kind, &b.actor.y, ::streamlib::__private::names(b.kind)).y()
                ))
                .told()
            ))
            .told()
        ))
        .told();
        let between_1 = ::streamlib::__private::arrives(::streamlib::__private::same(
            ::streamlib::__private::leaves(::streamlib::__private::same(
                ::streamlib::__private::forward(::streamlib::__private::between(
                    a.kind,
                    ::streamlib::__private::through(a.kind, &a.actor.x, ::streamlib::__private::names(a.kind)).x(),
                    c_2.kind,
                    ::streamlib::__private::sole_input_name(c_2.kind)
                ))
                .told()
            ))
            .told()
        ))
        .told();
        let [edge_0, edge_1] = ::streamlib::__private::connect(
            &mut graph,
            ::streamlib::__private::output(between_0, &mut a.actor.x),
            [
                ::streamlib::__private::input(between_0, &mut b.actor.y),
                ::streamlib::__private::input(between_1, ::streamlib::__private::sole_input(::streamlib::__private::same(between_1.keep(&mut (c_2.actor)))))
            ]
        );
    };
    let expected = expected.to_string();
    assert!(written.contains(&expected), "{written}\n\n{expected}");
    for runtime in written.split("__private").skip(1) {
        assert!(runtime.starts_with(" ::"), "{runtime}");
    }
    assert_eq!(
        written.matches(":: streamlib").count(),
        written.matches("streamlib").count()
    );
}

#[test]
fn a_delay_stands_between_two_ends() {
    let (plan, errors) = plan("a >> b >> delay(1) >> a.back; x >> delay(n + 1) >> [y, z];");
    assert_eq!(errors.messages(), [""; 0]);
    let delays: Vec<_> = plan.edges.iter().map(|edge| edge.delay).collect();
    assert_eq!(delays, [None, Some(0), Some(1), Some(1)]);
    let back: Vec<_> = plan.edges.iter().map(|edge| edge.is_back).collect();
    assert_eq!(back, [false, true, false, false]);
    // What closes the circle brings no ticks; the others do.
    assert_eq!(plan.upstream(0), [0; 0]);
    assert_eq!(plan.upstream(3), [2]);
    let told = told(
        "a >> delay(0) >> b; delay(1) >> c; d >> delay(2); e >> delay() >> f; g >> delay(1) >> delay(1) >> h",
    );
    assert_eq!(told.len(), 5, "{told:#?}");
}

#[test]
fn a_circle_without_a_delay_in_it_is_still_told() {
    let told = told("a >> delay(1) >> b; b >> c >> b");
    assert!(
        told.len() == 1 && told[0].contains("`b >> c >> b`"),
        "{told:#?}"
    );
}

#[test]
fn open_ends_belong_to_a_graph_with_a_name() {
    let written = written(
        "/// Two.
         pub graph Two<T: Message>(n: usize);
         /// What comes in.
         in r#gen: T; out b: VideoFrame;
         gen >> one; one >> b;",
    );
    syn::parse_str::<syn::File>(&written).expect("items");
    for word in [
        "pub struct Two < T : Message >",
        "What comes in.\"] pub r#gen : :: streamlib :: __private :: GraphInput < T >",
        "pub fn new (n : usize)",
        ". leaves (& mut graph , [edge_1])",
        "GraphBuilder :: enters (& mut graph , & one_stage , [edge_0])",
    ] {
        assert!(written.contains(word), "{word}: {written}");
    }
    assert!(
        !written.contains("Whole"),
        "something has to come in: {written}"
    );
}

#[test]
fn every_prefix_of_a_graph_with_a_name_expands_to_items() {
    let graph = "/// Doc.
        pub(crate) graph Branded<T>(logo: &str, width: u32) where T: Message;
        in video: VideoFrame;
        out program: Vec<T>;
        mix = Mix::new(logo, width);
        video >> delay(width) >> mix.layers;
        mix >> program;";
    for (end, _) in graph.char_indices() {
        let prefix = &graph[..end];
        let Ok(tokens) = prefix.parse::<TokenStream>() else {
            continue;
        };
        let expanded = super::expand(tokens);
        let is_item = prefix.contains("graph B");
        let text = expanded.to_string();
        let parsed = if is_item {
            syn::parse2::<syn::File>(expanded).map(drop)
        } else {
            syn::parse2::<syn::Expr>(expanded).map(drop)
        };
        if let Err(error) = parsed {
            panic!("{error} after\n{prefix}\nin\n{text}");
        }
        for (typed, written) in [
            ("in video: VideoFrame;", "GraphInput < VideoFrame >"),
            ("out program: Vec<T>;", "GraphOutput < Vec < T > >"),
            ("width);", "Mix :: new (logo , width)"),
            ("mix.layers;", "mix . actor . layers"),
        ] {
            assert!(
                !prefix.contains(typed) || text.contains(written),
                "no `{written}` after\n{prefix}\nin\n{text}"
            );
        }
    }
}

/// Half of what a user types is typed: whatever is there already must stay.
#[test]
fn every_prefix_of_a_graph_expands_to_rust_and_keeps_what_stands_before() {
    let graph = "clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
        ramp = TestPattern::new(Pattern::Gradient) @ house on tokio;
        bars.video >> mix.layers;
        ramp >> mix >> [luma, Null::new()];
        luma.mean >> Print::new();";
    let kept = [
        ("clock house = clock.clone();", "let house ="),
        ("SmpteBars).size(320, 180) @ house;", "let mut bars ="),
        ("on tokio;", "let mut ramp ="),
        ("mix.layers;", "actor . layers"),
        ("Null::new()];", "let mut null ="),
    ];
    for (end, _) in graph.char_indices() {
        let prefix = &graph[..end];
        let Ok(tokens) = prefix.parse::<TokenStream>() else {
            continue;
        };
        let expanded = super::expand(tokens);
        if let Err(error) = syn::parse2::<syn::Expr>(expanded.clone()) {
            panic!("{error} after\n{prefix}\nin\n{expanded}");
        }
        let expanded = expanded.to_string();
        for (typed, written) in kept {
            assert!(
                !prefix.contains(typed) || expanded.contains(written),
                "no `{written}` after\n{prefix}\nin\n{expanded}"
            );
        }
    }
}

#[test]
fn inputs_that_their_outputs_would_mix_up_are_numbered() {
    let ranks = |graph: &str| -> Vec<Option<usize>> {
        let (plan, errors) = plan(graph);
        assert_eq!(errors.messages(), [""; 0]);
        plan.edges.iter().map(|edge| edge.rank).collect()
    };
    // `a` is connected first, with both of its readers.
    let mixed_up = ranks("a >> x.in_; b >> y.in_; b >> x.in_; a >> y.in_");
    assert_eq!(mixed_up, [None, Some(1), None, Some(3)]);
    assert_eq!(ranks("a >> x.in_; b >> x.in_; b >> y"), [None; 3]);
}
