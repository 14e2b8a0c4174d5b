//! The bindings' generator, pinned to the version of UniFFI that the library is built with.
//! `bindings/generate` runs it.

mod call_status;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};
use uniffi::{GenerateOptions, TargetLanguage};

const USAGE: &str = "usage: backhaul-bindgen LIBRARY CONFIGURATION OUT_FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [library, configuration, out] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match generate(library, configuration, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(library: &str, configuration: &str, out: &str) -> Result<(), Box<dyn Error>> {
    uniffi::generate(GenerateOptions {
        languages: vec![TargetLanguage::Swift, TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: out.into(),
        config_override: Some(configuration.into()),
        format: false,
        crate_filter: None,
        metadata_no_deps: false,
    })?;
    let kotlin = Path::new(out).join("dev/backhaul/ffi/backhaul_ffi.kt");
    let generated = fs::read_to_string(&kotlin)?;
    fs::write(&kotlin, call_status::by_pointer(&generated)?)?;
    Ok(())
}
