//! Where tokens were typed: what rustc underlines when it refuses what was expanded from them.
//!
//! Stable proc macros cannot join two spans, but the parser does so for an expression: one whose first
//! token has the first span and whose last token has the last span is underlined from here to there.

use proc_macro2::{Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// The first and the last token of something that the user typed.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Where it begins.
    pub first: Span,
    /// Where it ends.
    pub last: Span,
}

impl Site {
    /// The site of a single token.
    pub fn one(span: Span) -> Self {
        Self {
            first: span,
            last: span,
        }
    }

    /// The site of some tokens; of the whole macro call if there are none.
    pub fn of(tokens: &impl ToTokens) -> Self {
        let mut spans = tokens
            .to_token_stream()
            .into_iter()
            .map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        Self {
            first,
            last: spans.last().unwrap_or(first),
        }
    }

    /// From the beginning of this site to the end of another.
    pub fn to(self, other: Self) -> Self {
        Self {
            first: self.first,
            last: other.last,
        }
    }

    /// Two tokens that stand for the site in an error.
    pub fn tokens(self) -> TokenStream {
        let mut begin = Punct::new('.', Spacing::Alone);
        begin.set_span(self.first);
        let mut end = Punct::new('.', Spacing::Alone);
        end.set_span(self.last);
        quote!(#begin #end)
    }

    /// `::streamlib::__private::NAME`, underlined from the first token on.
    ///
    /// The places are those of the punctuation: an editor takes every word that has the place of a user's
    /// for what the user's stands for.
    pub fn runtime(self, name: &str) -> TokenStream {
        let name = Ident::new(name, Span::mixed_site());
        let mut path = respan(quote!(::), self.first);
        path.extend(quote_spanned!(Span::mixed_site()=> streamlib::__private::#name));
        path
    }

    /// `::streamlib::__private::NAME::<>(ARGUMENTS)`, underlined from the first to the last token.
    /// The arguments keep their own spans.
    pub fn call(self, name: &str, arguments: TokenStream) -> TokenStream {
        let mut group = Group::new(proc_macro2::Delimiter::Parenthesis, arguments);
        group.set_span(self.last);
        let mut call = self.runtime(name);
        // The last token of the path, since its last word cannot be.
        call.extend(respan(quote!(::<>), self.last));
        call.extend([TokenTree::Group(group)]);
        call
    }
}

/// Gives every token (not those inside groups) one span.
pub fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// An identifier that user code cannot see, at the place of another.
pub fn hidden(ident: &Ident) -> Ident {
    let mut hidden = ident.clone();
    hidden.set_span(ident.span().resolved_at(Span::mixed_site()));
    hidden
}

/// The same to rustc, but at no place of the user's: an editor takes the first word at the place of the one
/// that is being typed for what it is to complete.
pub fn unplaced(ident: &Ident) -> Ident {
    let mut unplaced = ident.clone();
    unplaced.set_span(Span::mixed_site());
    unplaced
}

/// The text of tokens without what only ends a path where the user's last token stands.
#[cfg(test)]
pub fn without_marks(tokens: &TokenStream) -> String {
    tokens.to_string().replace(":: < > ", "")
}
