//! Generates the Kotlin and Swift sources from the built library: UniFFI's own command line, at the version in `Cargo.lock`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
