//! Any text as an environment file and as an rc file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mambox_env::{CondaRc, EnvSpec, InputKind};
use rattler_conda_types::Subdir;

fuzz_target!(|text: &str| {
    let variable = |name: &str| (name == "SET").then(|| "value".to_owned());
    let _ = InputKind::detect("environment.yml", text.as_bytes());
    let _ = EnvSpec::from_yaml(text, "environment.yml", Subdir::Linux64, &variable);
    let _ = EnvSpec::from_spec_list(text, "specs.txt");
    let _ = CondaRc::from_yaml(text, ".condarc", &variable);
});
