//! What compilers say about kernels, told with the lines that they say it of.

use std::fmt::Write;

use super::Source;
use crate::Error;

impl Source {
    /// The error of a compiler that wrote `log`: its words, and below each the kernel's line.
    pub(super) fn refused(&self, log: &str) -> Error {
        let told = format!("the kernels of `{}` do not compile:", self.name());
        Error::graph(self.explained(told, log, self.text()))
    }

    /// The error of a driver that refuses what was made of it, `ptx` where that is text, and wrote `log`.
    #[cfg(any(feature = "cuda", test))]
    pub(super) fn not_taken(&self, refused: &Error, log: &str, ptx: &str) -> Error {
        if log.trim().is_empty() {
            return Error::graph(refused);
        }
        Error::graph(self.explained(format!("{refused}:"), log, ptx))
    }

    /// `told`, and what `log` says of each line of `text`; all of the log if that is nothing.
    fn explained(&self, mut told: String, log: &str, text: &str) -> String {
        let mut seen = 0;
        for said in log.lines().filter_map(|line| Said::read(line, self.name())) {
            seen += 1;
            let Said { line, message } = said;
            let shown = text.lines().nth(line.saturating_sub(1));
            let shown = shown.unwrap_or_default().trim_end();
            // Writing to a string does not fail.
            let _ = write!(
                told,
                "\n{}:{line}: {message}\n  {line} | {shown}",
                self.name()
            );
        }
        if seen == 0 {
            told.push('\n');
            told.push_str(log.trim_end());
        }
        told
    }
}

/// What a compiler says about a line.
struct Said<'a> {
    line: usize,
    message: &'a str,
}

impl<'a> Said<'a> {
    fn read(said: &'a str, name: &str) -> Option<Self> {
        Self::of_text(said, name).or_else(|| Self::of_ptx(said))
    }

    /// `NAME(LINE): error: …`, as NVRTC says it, or `NAME:LINE:COLUMN: error: …`, as C++ compilers do.
    fn of_text(said: &'a str, name: &str) -> Option<Self> {
        let rest = said.strip_prefix(name)?;
        let (line, rest) = match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(')')?,
            None => rest.strip_prefix(':')?.split_once(':')?,
        };
        let at = rest.find("error")?;
        let message = rest.get(at..)?.trim_start_matches("error").trim();
        Some(Self {
            line: line.parse().ok()?,
            message: message.trim_start_matches(':').trim(),
        })
    }

    /// `ptxas application ptx input, line LINE; error   : …`, as drivers say it of PTX; `fatal` where they read no further.
    fn of_ptx(said: &'a str) -> Option<Self> {
        let (_, rest) = said.strip_prefix("ptxas ")?.split_once(", line ")?;
        let (line, rest) = rest.split_once(';')?;
        let (how, message) = rest.split_once(':')?;
        matches!(how.trim(), "error" | "fatal").then_some(())?;
        Some(Self {
            line: line.trim().parse().ok()?,
            message: message.trim(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_shown_with_what_is_said_of_it() {
        let source = Source::cuda("a.cu", "one\n  two;\nthree");
        let nvrtc =
            "a.cu(2): error: identifier \"two\" is undefined\n    two;\n    ^\n\n1 error detected";
        let gcc = "In file included from x:\na.cu:2:3: error: identifier \"two\" is undefined\n";
        for log in [nvrtc, gcc] {
            assert_eq!(
                source.refused(log).to_string(),
                "the kernels of `a.cu` do not compile:\na.cu:2: identifier \"two\" is undefined\n  2 |   two;"
            );
        }
        let other = source.refused("nvrtc: error: invalid value").to_string();
        assert!(
            other.ends_with("do not compile:\nnvrtc: error: invalid value"),
            "{other}"
        );
    }

    #[test]
    fn what_a_driver_says_of_ptx_is_shown_with_its_line() {
        let source = Source::ptx("a.ptx", ".version 8.0\n.target sm_75\n  bogus.s32 %r1;\n");
        let refused = Error::graph("the card: it does not take `a.ptx`");
        let told = |log: &str| source.not_taken(&refused, log, source.text()).to_string();
        // As ptxas 12.9 writes it, with the name that drivers give to what they are handed.
        assert_eq!(
            told(
                "ptxas application ptx input, line 3; error   : Not a name of any known instruction: 'bogus'\n\
                 ptxas fatal   : Ptx assembly aborted due to errors\n"
            ),
            "the card: it does not take `a.ptx`:\n\
             a.ptx:3: Not a name of any known instruction: 'bogus'\n  3 |   bogus.s32 %r1;"
        );
        assert_eq!(
            told(
                "ptxas application ptx input, line 1; fatal   : Unsupported .version 9.9; current version is '8.8'\n"
            ),
            "the card: it does not take `a.ptx`:\n\
             a.ptx:1: Unsupported .version 9.9; current version is '8.8'\n  1 | .version 8.0"
        );
        // Of no line, or of one that is not there.
        assert_eq!(
            told("ptxas fatal   : Unresolved extern function 'foo'\n"),
            "the card: it does not take `a.ptx`:\nptxas fatal   : Unresolved extern function 'foo'"
        );
        assert!(
            told("ptxas application ptx input, line 99; error : x")
                .ends_with("a.ptx:99: x\n  99 | ")
        );
        assert_eq!(told(" \n"), refused.to_string());
    }
}
