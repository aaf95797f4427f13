//! The text of a `.cube` file.

use super::Lut3d;
use crate::{Error, Result};

/// What was given on line `number`, and what was expected there.
fn wrong(number: usize, given: &str, expected: impl Into<String>) -> Error {
    // Files may have lines without an end.
    let given: String = given.chars().take(60).collect();
    Error::invalid(
        format!("line {number} of the .cube file"),
        format_args!("{given:?}"),
        expected.into(),
    )
}

/// Three finite numbers.
fn colour<'a>(words: impl Iterator<Item = &'a str>) -> Option<[f32; 3]> {
    let mut numbers = [0.0; 3];
    let mut count = 0;
    for word in words {
        let number: f32 = word.parse().ok()?;
        *numbers.get_mut(count)? = Some(number).filter(|number| number.is_finite())?;
        count += 1;
    }
    (count == 3).then_some(numbers)
}

pub(super) fn parse(text: &str) -> Result<Lut3d> {
    let mut size = None;
    let mut domain = [[0.0; 3], [1.0; 3]];
    let mut entries: Vec<[f32; 4]> = Vec::new();
    let text = text.trim_start_matches('\u{FEFF}');
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        let mut words = line.split_whitespace();
        match words.next() {
            None => {}
            Some(word) if word.starts_with('#') => {}
            Some("TITLE") => {}
            Some("LUT_1D_SIZE") => {
                return Err(wrong(number, line, "a 3-D table, which has a LUT_3D_SIZE"));
            }
            Some("LUT_3D_SIZE") => {
                let given = words.next().and_then(|word| word.parse::<usize>().ok());
                let possible = given.filter(|size| (2..=Lut3d::MAX_SIZE).contains(size));
                if possible.is_none() || words.next().is_some() || size.is_some() {
                    return Err(wrong(
                        number,
                        line,
                        "one LUT_3D_SIZE, with a number from 2 to 256",
                    ));
                }
                size = possible;
            }
            Some(word @ ("DOMAIN_MIN" | "DOMAIN_MAX")) => {
                let end = colour(words).ok_or_else(|| wrong(number, line, "three numbers"))?;
                domain[usize::from(word == "DOMAIN_MAX")] = end;
            }
            // What other programs add: LUT_3D_INPUT_RANGE, LUT_IN_VIDEO_RANGE, …
            Some("LUT_3D_INPUT_RANGE") => {
                let ends: Option<Vec<f32>> = words.map(|word| word.parse().ok()).collect();
                let Some([low, high]) = ends
                    .as_deref()
                    .filter(|ends| ends.iter().all(|end| end.is_finite()))
                else {
                    return Err(wrong(number, line, "two numbers"));
                };
                domain = [[*low; 3], [*high; 3]];
            }
            Some(_) => {
                let Some([r, g, b]) = colour(line.split_whitespace()) else {
                    return Err(wrong(
                        number,
                        line,
                        "three numbers, or a keyword of the Cube LUT Specification",
                    ));
                };
                let expected = size
                    .ok_or_else(|| wrong(number, line, "a LUT_3D_SIZE before the first entry"))?;
                if entries.len() == expected.pow(3) {
                    return Err(wrong(
                        number,
                        line,
                        format!("no more than the {} entries of the table", entries.len()),
                    ));
                }
                entries.push([r, g, b, 0.0]);
            }
        }
    }
    let Some(size) = size else {
        return Err(Error::invalid(
            ".cube file",
            "without a LUT_3D_SIZE",
            "one, as LUT_3D_SIZE 33",
        ));
    };
    if entries.len() != size.pow(3) {
        return Err(Error::invalid(
            ".cube file",
            format_args!("one of {} entries", entries.len()),
            format!("{}, for a LUT_3D_SIZE of {size}", size.pow(3)),
        ));
    }
    let [low, high] = domain;
    let width = |channel: usize| high[channel] - low[channel];
    if let Some(channel) =
        (0..3).find(|&channel| !width(channel).is_finite() || width(channel) <= 0.0)
    {
        return Err(Error::invalid(
            "domain of the .cube file",
            format_args!("{} to {}", low[channel], high[channel]),
            "a DOMAIN_MIN below the DOMAIN_MAX",
        ));
    }
    Ok(Lut3d::new(size, entries, domain))
}
