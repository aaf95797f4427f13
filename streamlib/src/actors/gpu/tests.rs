//! Every kernel is compiled by the real NVRTC, which `cargo xtask gpu` fetches.

use crate::gpu::Source;
use crate::{Error, Result};

fn kernels() -> [Source; 3] {
    [
        Source::cuda("pattern.cu", include_str!("kernels/pattern.cu")),
        Source::cuda("compose.cu", include_str!("kernels/compose.cu")),
        Source::cuda("convert.cu", include_str!("kernels/convert.cu")),
    ]
}

#[test]
fn nvrtc_compiles_every_kernel_for_cards_old_and_new() -> Result<()> {
    let mut entries = Vec::new();
    for source in kernels() {
        for capability in [52, 75, 90] {
            let ptx = source.to_ptx(capability)?;
            assert!(ptx.is_compiled() && ptx.text().contains(&format!(".target sm_{capability}")));
            let named = ptx
                .text()
                .lines()
                .filter_map(|line| line.split_once(".entry "));
            entries.extend(named.map(|(_, name)| name.trim_end_matches('(').to_owned()));
        }
    }
    entries.sort();
    entries.dedup();
    assert_eq!(entries, ["compose", "convert", "moving_box", "noise"]);
    Ok(())
}

#[test]
fn nvrtc_compiles_to_a_cards_own_code() -> Result<()> {
    for source in kernels() {
        for capability in [75, 86, 90] {
            let cubin = source.to_cubin(capability)?;
            let image = cubin.image().unwrap_or_default();
            assert!(cubin.is_compiled() && image.starts_with(b"\x7fELF"));
            // A cubin's own number for the machine, and its architecture.
            assert_eq!((image[18], image[48]), (190, capability as u8));
        }
    }
    let [source, ..] = kernels();
    let told = source.to_cubin(999).err().map(|error| error.to_string());
    let told = told.unwrap_or_default();
    assert!(
        told.starts_with("compute capability is 999; expected one that this NVRTC knows"),
        "{told}"
    );
    Ok(())
}

#[test]
fn nvrtc_says_in_which_line_of_a_kernel_a_mistake_is() {
    let told = |text: &'static str| {
        let error = Source::cuda("blur.cu", text).to_ptx(75).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(
        told("extern \"C\" __global__ void blur(int *to) {\n    *to = missing;\n}\n"),
        "the kernels of `blur.cu` do not compile:\n\
         blur.cu:2: identifier \"missing\" is undefined\n  2 |     *to = missing;"
    );
    let two = told("extern \"C\" __global__ void blur(int *to) {\n    *to = one\n    two();\n}\n");
    assert!(
        two.contains("\nblur.cu:2: identifier \"one\" is undefined\n  2 |     *to = one"),
        "{two}"
    );
    assert!(two.contains("\nblur.cu:3: "), "{two}");
}

#[test]
fn what_cannot_be_compiled_for_a_card_is_told() {
    let [source, ..] = kernels();
    let told = source
        .to_ptx(10)
        .err()
        .map(|error: Error| error.to_string());
    let told = told.unwrap_or_default();
    assert!(told.contains("and the card has 10"), "{told}");
}
