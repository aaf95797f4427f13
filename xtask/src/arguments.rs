//! The words after a command: flags, and options with a value.

/// The words after a command, as given.
pub struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    /// Takes the words after the command.
    pub fn new(words: impl Iterator<Item = String>) -> Self {
        Self {
            words: words.collect(),
        }
    }

    /// Whether `flag` was given. Takes it out.
    pub fn flag(&mut self, flag: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != flag);
        self.words.len() != before
    }

    /// The values that were given to `option`, in order (`--only ring --only hop`, `--only=ring`).
    /// Takes them out.
    pub fn values(&mut self, option: &str) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        let mut rest = Vec::new();
        let mut words = std::mem::take(&mut self.words).into_iter();
        while let Some(word) = words.next() {
            if word == option {
                values.push(
                    words
                        .next()
                        .ok_or(format!("{option} stands alone; give it a value"))?,
                );
            } else if let Some(value) = word
                .strip_prefix(option)
                .and_then(|rest| rest.strip_prefix('='))
            {
                values.push(value.to_owned());
            } else {
                rest.push(word);
            }
        }
        self.words = rest;
        Ok(values)
    }

    /// How often each thing is measured, from `--runs N`. Takes it out.
    pub fn runs(&mut self) -> Result<Option<usize>, String> {
        let Some(word) = self.values("--runs")?.pop() else {
            return Ok(None);
        };
        match word.parse() {
            Ok(runs) if (1..=1000).contains(&runs) => Ok(Some(runs)),
            _ => Err(format!(
                "--runs is {word}; expected a number from 1 to 1000"
            )),
        }
    }

    /// Nothing may be left: says what is, and what could have been given.
    pub fn finish(self, expected: &str) -> Result<(), String> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(format!("{word} is not understood; expected {expected}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn takes_flags_and_values_in_any_order() {
        let mut given = arguments("--only fmt --no-install --only=loom");
        assert!(given.flag("--no-install"));
        assert!(!given.flag("--json"));
        assert_eq!(given.values("--only").unwrap(), ["fmt", "loom"]);
        given.finish("nothing").unwrap();
    }

    #[test]
    fn runs_are_a_number() {
        assert_eq!(arguments("--json").runs(), Ok(None));
        assert_eq!(arguments("--runs 7").runs(), Ok(Some(7)));
        assert!(arguments("--runs 0").runs().is_err());
        assert!(arguments("--runs some").runs().is_err());
    }

    #[test]
    fn says_what_it_does_not_understand() {
        let mut given = arguments("--olny fmt");
        assert!(given.values("--only").unwrap().is_empty());
        let message = given.finish("--only STEP").unwrap_err();
        assert_eq!(message, "--olny is not understood; expected --only STEP");
        assert!(arguments("--only").values("--only").is_err());
    }
}
