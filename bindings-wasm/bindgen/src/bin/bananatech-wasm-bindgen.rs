//! Makes the JavaScript glue from a built library, at the version of the generator that the library was built with:
//! `bananatech-wasm-bindgen LIBRARY.wasm OUT_DIR NAME`. What is used of it is `NAME_bg.js` and `NAME_bg.wasm`.

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let library = arguments.next().context("the library's path is missing")?;
    let out_dir = arguments.next().context("the output's path is missing")?;
    let name = arguments.next().context("the output's name is missing")?;

    // The `.wasm` is the same for every target. This one's glue loads nothing by itself and takes the instance from whoever
    // made it, so that the package's entries can say where the module comes from.
    Bindgen::new()
        .input_path(library)
        .out_name(&name)
        .bundler(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&out_dir)
}
