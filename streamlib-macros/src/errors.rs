//! The mistakes found so far: every step adds to them, and all are told at once.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::spans::Site;

/// Collects errors, so that several mistakes in one macro call are told in one go.
#[derive(Debug, Default)]
pub struct Errors(Vec<syn::Error>);

impl Errors {
    /// Adds an error that points at `tokens`.
    pub fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error that points from the first to the last token of a site.
    pub fn at_site(&mut self, site: Site, message: impl std::fmt::Display) {
        self.at(site.tokens(), message);
    }

    /// Adds what the parser found.
    pub fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// How many there are so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` an error, in the order in which they were found.
    pub fn to_compile_errors(&self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }

    /// A type of which nothing more is said than the newest error, which rustc tells once: whatever is done with it is
    /// right.
    pub fn unknown_type(&self) -> TokenStream {
        let newest = self.0.last();
        let told = newest.map(syn::Error::to_compile_error);
        quote!([(); { let length = #told; length }])
    }

    /// The messages alone.
    #[cfg(test)]
    pub fn messages(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}
