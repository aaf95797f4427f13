//! The `impl Message`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse_quote;

use super::parse::Kind;
use crate::errors::Errors;

/// Writes the impl.
pub fn expand(kind: &Kind, errors: &Errors) -> TokenStream {
    let Kind { name, generics } = kind;
    if !errors.is_empty() {
        return errors.to_compile_errors();
    }
    let label = name.unraw().to_string();
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::core::marker::Send));
        parameter.bounds.push(parse_quote!(::core::marker::Sync));
        parameter.bounds.push(parse_quote!('static));
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters ::streamlib::__private::Message for #name #arguments #conditions {
            const NAME: &'static ::core::primitive::str = #label;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{check, parse};

    fn expanded(item: TokenStream) -> String {
        let kind = parse::parse(item).expect("a type");
        let mut errors = Errors::default();
        check::check(&kind, &mut errors);
        expand(&kind, &errors).to_string()
    }

    #[test]
    fn a_plain_type() {
        let expected = quote! {
            #[automatically_derived]
            impl ::streamlib::__private::Message for Pose {
                const NAME: &'static ::core::primitive::str = "Pose";
            }
        };
        assert_eq!(
            expanded(quote!(
                struct Pose {
                    x: f32,
                }
            )),
            expected.to_string()
        );
        assert_eq!(
            expanded(quote!(
                enum Pose {
                    Up,
                    Down,
                }
            )),
            expected.to_string()
        );
    }

    #[test]
    fn a_generic_type_asks_of_its_parameters_what_a_message_needs() {
        let expected = quote! {
            #[automatically_derived]
            impl<T: Clone + ::core::marker::Send + ::core::marker::Sync + 'static, const N: usize>
                ::streamlib::__private::Message for Few<T, N> where T: Copy {
                const NAME: &'static ::core::primitive::str = "Few";
            }
        };
        let item = quote!(
            struct Few<T: Clone, const N: usize>([T; N])
            where
                T: Copy;
        );
        assert_eq!(expanded(item), expected.to_string());
    }

    #[test]
    fn a_lifetime_is_refused_with_a_reason() {
        let told = expanded(quote!(
            struct View<'a>(&'a [u8]);
        ));
        assert!(told.contains("a message cannot borrow"), "{told}");
    }
}
