//! A sync `main` around the user's, which stays as it was typed.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ReturnType;

use super::parse::Function;
use crate::errors::Errors;
use crate::spans::Site;

/// Writes `main`. After an error the user's function is kept inside, so that its body is still checked.
pub fn expand(function: &Function, errors: &Errors) -> TokenStream {
    let Function {
        attributes,
        visibility,
        signature,
        body,
    } = function;
    let told = errors.to_compile_errors();
    // What `main` may return is told where it says what it returns.
    let site = match &signature.output {
        ReturnType::Default => Site::one(signature.ident.span()),
        ReturnType::Type(_, ty) => Site::of(ty),
    };
    let run = if errors.is_empty() {
        site.call("main", quote_spanned!(site.last=> main()))
    } else {
        quote!(::std::process::ExitCode::FAILURE)
    };
    quote! {
        #told
        #(#attributes)*
        #visibility fn main() -> ::std::process::ExitCode {
            #signature #body
            #run
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::parse;

    #[test]
    fn the_body_is_left_as_typed() {
        let function = parse::parse(quote!(
            async fn main() -> Result<()> {
                show.run().await
            }
        ));
        let function = function.expect("a function");
        let expected = quote! {
            fn main() -> ::std::process::ExitCode {
                async fn main() -> Result<()> { show.run().await }
                ::streamlib::__private::main::<>(main())
            }
        };
        assert_eq!(
            expand(&function, &Errors::default()).to_string(),
            expected.to_string()
        );
    }
}
