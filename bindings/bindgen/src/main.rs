//! The bindings' generator, pinned to the version of UniFFI that the library is built with.
//! `bindings/generate` runs it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
