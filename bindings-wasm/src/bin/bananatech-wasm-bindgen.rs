//! Makes the JavaScript glue from the built library, at the version of the generator that the library was built with, and
//! the TypeScript union of all error codes: `bananatech-wasm-bindgen LIBRARY.wasm OUT_DIR`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use bananatech_core::Code;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let library = arguments.next().context("the library's path is missing")?;
    let out_dir = arguments.next().context("the output's path is missing")?;

    // The `.wasm` is the same for every target; this one's glue takes the module from whoever loads it.
    Bindgen::new()
        .input_path(library)
        .out_name("bananatech")
        .web(true)?
        .omit_default_module_path(true)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&out_dir)?;

    let codes: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("  | \"{code}\""))
        .collect();
    let text = format!(
        "/** Every code that an error can have. The text never changes its meaning; new ones may be added. */\n\
         export type ErrorCode =\n{};\n",
        codes.join("\n"),
    );
    std::fs::write(out_dir.join("codes.d.ts"), text)?;
    Ok(())
}
