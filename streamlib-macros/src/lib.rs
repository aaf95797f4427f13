//! Temporary.
#![allow(missing_docs)]
use proc_macro::TokenStream;
#[proc_macro_attribute]
pub fn actor(_a: TokenStream, b: TokenStream) -> TokenStream {
    b
}
#[proc_macro_attribute]
pub fn input(_a: TokenStream, b: TokenStream) -> TokenStream {
    b
}
#[proc_macro_attribute]
pub fn output(_a: TokenStream, b: TokenStream) -> TokenStream {
    b
}
#[proc_macro_attribute]
pub fn main(_a: TokenStream, b: TokenStream) -> TokenStream {
    b
}
#[proc_macro]
pub fn pipeline(b: TokenStream) -> TokenStream {
    b
}
