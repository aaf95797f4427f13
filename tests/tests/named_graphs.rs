//! Graphs with names: nodes of other graphs, wired by their open ends, or started by themselves.

use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Log, Numbers, Where};

pipeline! {
    /// Adds two.
    pub graph AddTwo();
    /// What two is added to.
    in number: DataMessage<u64>;
    /// The sum.
    out sum: DataMessage<u64>;

    number >> first;
    first = AddOne::new() on inline;
    second = AddOne::new() on inline;
    first >> second >> sum;
}

pipeline! {
    /// What comes in goes to three inputs, one of them in a graph inside; the sum is also read inside.
    graph Spread(seen: Log<(u64, u64)>);
    in number: DataMessage<u64>;
    out plain: DataMessage<u64>;
    out deep: DataMessage<u64>;

    one = AddOne::new();
    two = AddTwo::new()?;
    number >> [one, two.number, Collect::new(seen.clone())];
    one >> [plain, Collect::new(seen)];
    two.sum >> deep;
}

/// All that its inputs have, in the order in which they were connected.
#[actor]
struct Row {
    #[input]
    numbers: Inputs<DataMessage<u64>>,
    seen: Log<Vec<u64>>,
}

impl Actor for Row {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let row = self.numbers.iter_mut();
        self.seen
            .push(row.filter_map(|input| Some(**input.latest()?)).collect());
        Ok(())
    }
}

pipeline! {
    graph Rows(seen: Log<Vec<u64>>);
    in last: DataMessage<u64>;
    in first: DataMessage<u64>;

    row = Row::new(seen);
    plus = AddTwo::new()?;
    first >> row.numbers;
    first >> plus >> row.numbers;
    last >> row.numbers;
}

fn sums(ticks: u64, plus: u64) -> Vec<(u64, u64)> {
    (0..ticks).map(|n| (n, n + plus)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_is_a_node_of_another() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        left = AddTwo::new()?;
        source >> left >> Collect::new(log.clone());
    }?;
    clock.advance(10).await?;
    let names: Vec<_> = show
        .status()
        .actors
        .into_iter()
        .map(|actor| actor.name)
        .collect();
    assert_eq!(names, ["source", "left.first", "left.second", "collect"]);
    show.stop().await?;
    assert_eq!(log.entries(), sums(10, 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_is_read_by_many_and_what_goes_out_inside_too() -> Result<()> {
    let (seen, plain, deep, more) = (Log::new(), Log::new(), Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        spread = Spread::new(seen.clone())?;
        source >> [spread.number, Collect::new(more.clone())];
        spread.plain >> [Collect::new(plain.clone()), AddTwo::new()?];
        spread.deep >> Collect::new(deep.clone());
    }?;
    clock.advance(10).await?;
    show.stop().await?;
    assert_eq!(plain.entries(), sums(10, 1));
    assert_eq!(deep.entries(), sums(10, 2));
    assert_eq!(more.entries(), sums(10, 0));
    let mut inside = seen.entries();
    inside.sort_unstable();
    let mut expected = [sums(10, 0), sums(10, 1)].concat();
    expected.sort_unstable();
    assert_eq!(inside, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_nobody_outside_reads_is_read_inside() -> Result<()> {
    let seen = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(4) @ house;
        spread = Spread::new(seen.clone())?;
        source >> spread;
    }?;
    clock.advance(10).await?;
    // The end of the source flows through the graph, whose last actors are the sinks.
    show.finished().await;
    show.stop().await?;
    assert_eq!(seen.entries().len(), 10);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_are_in_the_order_typed_inside() -> Result<()> {
    let seen = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        rows = Rows::new(seen.clone())?;
        source >> rows.last;
        source >> AddOne::new() >> rows.first;
    }?;
    clock.advance(5).await?;
    show.stop().await?;
    let expected: Vec<_> = (0..5).map(|n| vec![n + 1, n + 3, n]).collect();
    assert_eq!(seen.entries(), expected);
    Ok(())
}

pipeline! {
    /// A whole graph: nothing comes in.
    graph Whole(clock: VirtualClock, log: Log<(u64, u64)>);
    clock house = clock;
    source = Numbers::new(u64::MAX) @ house;
    left = AddTwo::new()?;
    right = AddTwo::new()? ;
    source >> left >> right >> collect;
    collect = Collect::new(log) on inline;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_nothing_comes_into_is_started() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = Whole::new(clock.clone(), log.clone())?.start()?;
    clock.advance(10).await?;
    show.stop().await?;
    assert_eq!(log.entries(), sums(10, 4));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn its_picture_needs_nothing_that_runs_and_is_that_of_what_runs() -> Result<()> {
    let drawn = Whole::graph();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = Whole::new(clock, Log::new())?.start()?;
    let running = show.graph();
    let nodes = |graph: &streamlib::pipeline::Graph| {
        let nodes = graph.nodes.iter();
        let mut nodes: Vec<_> = nodes
            .map(|node| (node.name.clone(), node.actor, node.dispatcher))
            .collect();
        nodes.sort_unstable();
        nodes
    };
    assert_eq!(nodes(&drawn), nodes(running));
    let edges = |graph: &streamlib::pipeline::Graph| {
        let mut edges: Vec<_> = graph.edges.iter().map(|edge| format!("{edge:?}")).collect();
        edges.sort_unstable();
        edges
    };
    assert_eq!(edges(&drawn), edges(running));
    assert_eq!(
        drawn.to_mermaid(),
        r#"flowchart LR
    n0["source<br/>Numbers<br/>house on threads"]
    subgraph g0["left"]
        n1["first<br/>AddOne<br/>house on inline"]
        n2["second<br/>AddOne<br/>house on inline"]
    end
    subgraph g1["right"]
        n3["first<br/>AddOne<br/>house on inline"]
        n4["second<br/>AddOne<br/>house on inline"]
    end
    n5["collect<br/>Collect<br/>house on inline"]
    n1 -->|"sum → number: DataMessage"| n2
    n3 -->|"sum → number: DataMessage"| n4
    n0 -->|"numbers → number: DataMessage"| n1
    n2 -->|"sum → number: DataMessage"| n3
    n4 -->|"sum → number: DataMessage"| n5
"#
    );
    show.stop().await
}

#[test]
fn the_picture_of_a_part_has_its_ends() {
    let mermaid = AddTwo::graph().to_mermaid();
    for line in [
        "e0([\"in number\"]) -->|\"number: DataMessage\"| n0",
        "n1 -->|\"sum: DataMessage\"| e1([\"out sum\"])",
    ] {
        assert!(mermaid.contains(line), "no `{line}` in\n{mermaid}");
    }
    assert!(AddTwo::graph().to_dot().contains("e0 -> n0"));
}

pipeline! {
    graph Generic<T: Message + Default>(places: Log<streamlib_tests::Place>) where T: Clone;
    in number: DataMessage<u64>;
    in other: T;
    out through: DataMessage<u64>;
    place = Where::new(places);
    number >> place >> through;
    other >> Null::new();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_may_be_generic_and_its_errors_come_out() -> Result<()> {
    pipeline! {
        graph Fails(given: u32);
        bars = TestPattern::new(Pattern::Black).fps(60);
        bars >> Null::new();
        spare = AddTwo::new().and_then(|graph| if given > 3 { Err(Error::graph("too many")) } else { Ok(graph) })?;
        number = Numbers::new(3).fps(60);
        number >> spare;
    }
    let error = Fails::new(4).map(drop).expect_err("4 is too many");
    assert_eq!(error.to_string(), "too many");

    let places = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        generic = Generic::<DataMessage<u64>>::new(places.clone())?;
        source >> [generic.number, generic.other];
    }?;
    clock.advance(3).await?;
    show.stop().await?;
    assert_eq!(places.entries().len(), 3);
    Ok(())
}

pipeline! {
    graph Hen();
    in a: VideoFrame;
    out o: VideoFrame;
    egg = Egg::new()?;
    a >> egg;
    egg >> o;
}

pipeline! {
    graph Egg();
    in a: VideoFrame;
    out o: VideoFrame;
    hen = Hen::new()?;
    a >> hen;
    hen >> o;
}

#[test]
fn graphs_that_hold_each_other_are_refused_when_one_is_made() {
    let Err(error) = Hen::new() else {
        panic!("it has no end");
    };
    let told = error.to_string();
    assert!(told.contains("`Hen` >> `Egg` >> `Hen`"), "{told}");
    assert!(
        Hen::graph().to_mermaid().starts_with("flowchart"),
        "it has an end"
    );
    assert!(Egg::new().is_err(), "as if nothing had been begun");
}

/// Sends on what it is told that there is.
#[actor]
struct Asks {
    #[input]
    number: Input<DataMessage<u64>>,
    #[input]
    many: Inputs<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    connected: Log<bool>,
}

impl Actor for Asks {
    async fn on_start(&mut self) -> Result<()> {
        self.connected.push(self.number.is_connected());
        self.connected
            .push(self.many.iter_mut().all(|input| input.is_connected()));
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut sum = 0;
        for input in [&mut self.number].into_iter().chain(&mut self.many) {
            if input.has_new() && !input.has_ended() {
                sum += input.next().map_or(0, |number| **number);
            }
        }
        self.sum.send(DataMessage::new(sum), tick);
        Ok(())
    }
}

pipeline! {
    graph Asking(connected: Log<bool>);
    in number: DataMessage<u64>;
    out sum: DataMessage<u64>;

    asks = Asks::new(connected);
    number >> [asks.number, asks.many];
    asks >> sum;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_that_asks_first_sends_the_same_in_a_part() -> Result<()> {
    let (plain, part, connected) = (Log::new(), Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        asks = Asks::new(connected.clone());
        asking = Asking::new(connected.clone())?;
        source >> [asking, asks.number, asks.many];
        asks >> Collect::new(plain.clone());
        asking >> Collect::new(part.clone());
    }?;
    clock.advance(5).await?;
    show.stop().await?;
    let double: Vec<_> = (0..5).map(|tick| (tick, 2 * tick)).collect();
    assert_eq!(plain.entries(), double);
    assert_eq!(part.entries(), double);
    assert_eq!(connected.entries(), [true; 4]);
    Ok(())
}
