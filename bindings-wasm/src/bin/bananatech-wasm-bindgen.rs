//! Makes the JavaScript glue from the built library, at the version of the generator that the library was built with: `bananatech-wasm-bindgen LIBRARY.wasm OUT_DIR`.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
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

    let glue = out_dir.join("bananatech.js");
    let text = std::fs::read_to_string(&glue)?;
    std::fs::write(glue, with_faster_texts(&text)?)?;
    Ok(())
}

/// The glue copies a text into the module's memory character by character, up to the first that isn't ASCII. The platform's
/// own encoder does the same ten times as fast for the texts that cross here, and says whether all of it was ASCII.
fn with_faster_texts(glue: &str) -> Result<String> {
    const SLOW: &str = "    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
        mem[ptr + offset] = code;
    }
";
    const FAST: &str = "    // As many characters as bytes, and all of them fitted.
    if (cachedTextEncoder.encodeInto(arg, mem.subarray(ptr, ptr + len)).read === len) {
        WASM_VECTOR_LEN = len;
        return ptr;
    }
";
    let faster = glue.replacen(SLOW, FAST, 1);
    ensure!(
        faster != glue,
        "the generator's output isn't the expected one"
    );
    Ok(faster)
}
