//! What `#[streamlib::main]` asks of a function.

use proc_macro2::TokenStream;

use super::parse::Function;
use crate::errors::Errors;

/// Tells everything that is wrong with it.
pub fn check(arguments: &TokenStream, function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if !arguments.is_empty() {
        errors.at(arguments, "`#[streamlib::main]` takes no arguments");
    }
    if signature.asyncness.is_none() {
        errors.at(
            signature.fn_token,
            "this function has to be `async`: write `async fn main()`",
        );
    }
    if signature.ident != "main" {
        errors.at(
            &signature.ident,
            "`#[streamlib::main]` goes on `main`, where the program begins",
        );
    }
    if !signature.inputs.is_empty() {
        errors.at(
            &signature.inputs,
            "`main` takes no parameters; `std::env::args()` has the program's",
        );
    }
    if !signature.generics.params.is_empty() {
        errors.at(&signature.generics, "`main` cannot be generic");
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::entry::parse;

    fn told(arguments: TokenStream, item: TokenStream) -> Vec<String> {
        let mut errors = Errors::default();
        let function = parse::parse(item).expect("a function");
        check(&arguments, &function, &mut errors);
        errors.messages()
    }

    #[test]
    fn an_async_main_is_right() {
        assert!(
            told(
                quote!(),
                quote!(
                    async fn main() -> Result<()> {
                        Ok(())
                    }
                )
            )
            .is_empty()
        );
        assert!(
            told(
                quote!(),
                quote!(
                    async fn main() {}
                )
            )
            .is_empty()
        );
    }

    #[test]
    fn all_mistakes_are_told() {
        let told = told(
            quote!(threads = 4),
            quote!(
                fn start<T>(x: T) {}
            ),
        );
        assert_eq!(told.len(), 5, "{told:?}");
    }
}
