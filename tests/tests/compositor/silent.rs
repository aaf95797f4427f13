//! Layers whose source says nothing more.

use super::*;

#[test]
fn a_silent_layer_stays_or_fades_to_black() -> Result<()> {
    let fade = Lost::Fade {
        after: Duration::from_millis(100), // 6 ticks
        over: Duration::from_millis(200),
    };
    let mut mix = Mix::of(
        Compositor::new(1, 1).set(1, Layer::new().when_silent(fade)),
        2,
    );
    mix.layers[0].send(grey(1, 1, 50));
    mix.layers[1].send(grey(1, 1, 200));
    let levels: Vec<u8> = (0..30).map(|_| reds(&mix.picture(), 0)[0]).collect();
    assert!(levels[..=6].iter().all(|&level| level == 200), "{levels:?}");
    assert!(levels[6..18].is_sorted_by(|a, b| a > b), "{levels:?}");
    assert_eq!(levels[12], 100);
    assert!(
        levels[18..].iter().all(|&level| level == 0),
        "not the layer below: {levels:?}"
    );
    mix.layers[1].send(grey(1, 1, 200));
    assert_eq!(reds(&mix.picture(), 0), [200], "it is back");

    mix.control
        .change(1, |layer| layer.when_silent(Lost::Keep))?;
    mix.harness.run(1000)?;
    assert_eq!(reds(&mix.picture(), 0), [200]);
    Ok(())
}

#[test]
fn a_layer_whose_source_has_died_is_left_out_unless_it_is_to_stay() -> Result<()> {
    let mut mix = Mix::new(1, 1, 3);
    for (source, level) in mix.layers.iter_mut().zip([50, 100, 200]) {
        source.send(grey(1, 1, level));
    }
    mix.control.set(1, Layer::new().when_ended(Lost::Keep))?;
    assert_eq!(reds(&mix.picture(), 0), [200]);
    drop(mix.layers.pop());
    assert_eq!(reds(&mix.picture(), 0), [100]);
    drop(mix.layers.pop());
    assert_eq!(reds(&mix.picture(), 0), [100]);
    Ok(())
}

#[test]
fn a_picture_is_shown_when_it_comes_though_its_source_has_died_by_then() -> Result<()> {
    let mut mix = Mix::new(1, 1, 2);
    for source in &mut mix.layers {
        source.send(grey(1, 1, 50));
    }
    assert_eq!(reds(&mix.picture(), 0), [50]);
    if let Some(mut source) = mix.layers.pop() {
        source.send(grey(1, 1, 200));
    }
    assert_eq!(reds(&mix.picture(), 0), [200]);
    assert_eq!(reds(&mix.picture(), 0), [50]);
    Ok(())
}
