//! A line of small letters in the corner of the window.

/// Glyphs are 3 wide and 5 high; a row is three bits, the leftmost the highest.
fn glyph(character: char) -> [u8; 5] {
    match character {
        '0' => [0b111, 0b101, 0b101, 0b101, 0b111],
        '1' => [0b010, 0b110, 0b010, 0b010, 0b111],
        '2' => [0b111, 0b001, 0b111, 0b100, 0b111],
        '3' => [0b111, 0b001, 0b111, 0b001, 0b111],
        '4' => [0b101, 0b101, 0b111, 0b001, 0b001],
        '5' => [0b111, 0b100, 0b111, 0b001, 0b111],
        '6' => [0b111, 0b100, 0b111, 0b101, 0b111],
        '7' => [0b111, 0b001, 0b010, 0b010, 0b010],
        '8' => [0b111, 0b101, 0b111, 0b101, 0b111],
        '9' => [0b111, 0b101, 0b111, 0b001, 0b111],
        '.' => [0b000, 0b000, 0b000, 0b000, 0b010],
        'x' => [0b000, 0b101, 0b010, 0b101, 0b000],
        'f' => [0b011, 0b010, 0b111, 0b010, 0b010],
        'p' => [0b000, 0b111, 0b101, 0b111, 0b100],
        'd' => [0b001, 0b001, 0b111, 0b101, 0b111],
        'e' => [0b000, 0b111, 0b111, 0b100, 0b111],
        'm' => [0b000, 0b111, 0b111, 0b101, 0b101],
        'o' => [0b000, 0b111, 0b101, 0b101, 0b111],
        'r' => [0b000, 0b111, 0b100, 0b100, 0b100],
        's' => [0b000, 0b011, 0b010, 0b001, 0b011],
        _ => [0; 5],
    }
}

const WHITE: u32 = 0x00FF_FFFF;
const BLACK: u32 = 0;

/// Draws `text` (digits, and the letters that [`glyph`] has) white on black into the upper left corner
/// of `pixels`, which are `width` a row. What does not fit is cut off.
pub(super) fn draw(pixels: &mut [u32], width: usize, text: &str) {
    if width == 0 {
        return;
    }
    let scale = (pixels.len() / width / 180).max(2);
    let mut put = |x: usize, y: usize, colour: u32| {
        for row in pixels.chunks_exact_mut(width).skip(y * scale).take(scale) {
            for pixel in row.iter_mut().skip(x * scale).take(scale) {
                *pixel = colour;
            }
        }
    };
    for (place, character) in std::iter::once(' ').chain(text.chars()).enumerate() {
        let rows = glyph(character);
        for y in 0..7_usize {
            for x in 0..4 {
                let bits = y
                    .checked_sub(1)
                    .and_then(|y| rows.get(y))
                    .copied()
                    .unwrap_or(0);
                let lit = x < 3 && bits & (0b100 >> x) != 0;
                put(place * 4 + x, y, if lit { WHITE } else { BLACK });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_digits_that_can_be_read() {
        let mut pixels = vec![7; 40 * 20];
        draw(&mut pixels, 40, "1");
        let rows: Vec<String> = pixels
            .chunks(40)
            .step_by(2)
            .map(|row| {
                row.iter()
                    .step_by(2)
                    .map(|&pixel| match pixel {
                        WHITE => '#',
                        BLACK => '.',
                        _ => ' ',
                    })
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            })
            .collect();
        assert_eq!(
            rows,
            [
                "........", ".....#..", "....##..", ".....#..", ".....#..", "....###.", "........",
                "", "", ""
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_cut_off() {
        for (width, height) in [(0, 0), (1, 1), (3, 50), (50, 3)] {
            draw(
                &mut vec![0; width * height],
                width,
                "59.9 fps  1920x1080  3 dropped  1.5 ms",
            );
        }
    }
}
