#!/bin/sh
# FutureSDR is written for the nightly compiler. This wrapper lets its own crates, and no others, use
# the features they name on the stable compiler that is here.
case " $* " in
*" --crate-name futuredsp "*) RUSTC_BOOTSTRAP=1 exec "$@" '-Zcrate-attr=feature(float_algebraic)' ;;
*" --crate-name futuresdr"*) RUSTC_BOOTSTRAP=1 exec "$@" ;;
*) exec "$@" ;;
esac
