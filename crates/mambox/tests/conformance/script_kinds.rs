//! Environments whose packages bring scripts.

use std::collections::{BTreeMap, BTreeSet};

use mambox_conformance::{Expectation, Need, Value};
use mambox_testkit::PackageBuilder;

use crate::environments::{Environment, Kind, exactly, plain, variables};

/// Those with `activate.d` and link scripts.
pub(crate) fn environments() -> Vec<Environment> {
    let mut kinds = vec![setting(), appending(), unsetting(), ordered(), linked(), bash()];
    // Of a plain environment, whose PATH is another, `appending` has the rest.
    kinds.extend(variables().into_iter().filter(|kind| kind.name != plain().name));
    vec![Environment { name: "scripts", kinds }, Environment { name: "moment", kinds: vec![moment()] }]
}

/// A kind that needs a shell to be built.
fn kind(name: &'static str, packages: &[PackageBuilder], always: Expectation) -> Kind {
    let packages = packages.iter().map(PackageBuilder::build).collect();
    Kind { name, needs: Some(Need::Sh), packages, always, ..Kind::default() }
}

/// Sets variables, some by what is already active.
fn setting() -> Kind {
    let script = r#"
export SCRIPT_DATA="$CONDA_PREFIX/share/data"
export SCRIPT_QUOTES="it's \"quoted\" for \$HOME \\ and
a second line"
SCRIPT_LOCAL=not-exported
"#;
    let package = PackageBuilder::new("setting", "1.0").activate_script("sh", script);
    let set = exactly(&[
        ("SCRIPT_DATA", "/opt/conda/share/data"),
        ("SCRIPT_QUOTES", "it's \"quoted\" for $HOME \\ and\na second line"),
    ]);
    let always =
        Expectation { set, unset: BTreeSet::from(["SCRIPT_LOCAL".into()]), ..Expectation::default() };
    kind("script that sets", &[package], always)
}

/// Appends to a variable and puts folders around PATH.
fn appending() -> Kind {
    let script = r#"
export FLAGS="${FLAGS:+$FLAGS }-O2"
export PATH="$CONDA_PREFIX/tools/bin:$PATH:$CONDA_PREFIX/last/bin"
"#;
    let package =
        PackageBuilder::new("appending", "1.0").env_vars(&[("FLAGS", "-g")]).activate_script("sh", script);
    let mut always = plain().always;
    always.path_first.insert(0, "/opt/conda/tools/bin".into());
    always.path_last.push("/opt/conda/last/bin".into());
    always.set.extend(exactly(&[("FLAGS", "-g -O2")]));
    kind("script that appends", &[package], always)
}

/// Takes away what another package set.
fn unsetting() -> Kind {
    let package = PackageBuilder::new("unsetting", "1.0")
        .env_vars(&[("UNWANTED", "1")])
        .activate_script("sh", "unset UNWANTED\n");
    let always = Expectation { unset: BTreeSet::from(["UNWANTED".into()]), ..Expectation::default() };
    kind("script that unsets", &[package], always)
}

/// Two scripts, which are sourced by file name although the first one's package depends on the second's.
fn ordered() -> Kind {
    let script = |letter: &str| format!("export ORDER=\"${{ORDER-}}{letter}\"\n");
    let first = PackageBuilder::new("order-1", "1.0").depends("order-2").activate_script("sh", &script("a"));
    let second = PackageBuilder::new("order-2", "1.0").activate_script("sh", &script("b"));
    let always = Expectation { set: exactly(&[("ORDER", "ab")]), ..Expectation::default() };
    kind("scripts in order", &[first, second], always)
}

/// A link script leaves a file, which an activation script reads.
fn linked() -> Kind {
    let link =
        "printf '%s ' \"$PREFIX\" \"$PKG_NAME\" \"$PKG_VERSION\" \"$PKG_BUILDNUM\" >\"$PREFIX/linked.txt\"\n";
    let package = PackageBuilder::new("linked", "1.2")
        .build_number(3)
        .link_script("post-link", &format!("#!/bin/sh\n{link}"))
        .activate_script("sh", "export LINKED=\"$(cat \"$CONDA_PREFIX/linked.txt\")\"\n");
    let always =
        Expectation { set: exactly(&[("LINKED", "/opt/conda linked 1.2 3 ")]), ..Expectation::default() };
    kind("link script", &[package], always)
}

/// What only bash understands.
fn bash() -> Kind {
    let script = r#"
parts=(one two three)
matches() { [[ "$1" == */conda && "$1" =~ ^/opt ]]; }
if matches "$CONDA_PREFIX"; then
  declare -x BASH_PARTS="${parts[*]:1}"
fi
export BASH_REPLACED="${CONDA_PREFIX//\//-}"
"#;
    let package = PackageBuilder::new("for-bash", "1.0").activate_script("sh", script);
    let set = exactly(&[("BASH_PARTS", "two three"), ("BASH_REPLACED", "-opt-conda")]);
    let always = Expectation { set, unset: BTreeSet::from(["parts".into()]), ..Expectation::default() };
    Kind { needs: Some(Need::Bash), ..kind("script with arrays and [[ ]]", &[package], always) }
}

/// What depends on who starts it, when and where; and a variable that does not.
fn moment() -> Kind {
    let script = r#"
export AT_HOME="$HOME/cache"
export AT_TIME="$(date)"
export AT_RANDOM="${RANDOM-}-$(cat /proc/sys/kernel/random/uuid)"
export AT_ANY_TIME=the-same
"#;
    let package = PackageBuilder::new("moment", "1.0").activate_script("sh", script);
    let at_start = BTreeMap::from([
        ("AT_HOME", Value::Of { variable: "HOME", rest: "/cache" }),
        ("AT_TIME", Value::Some),
        ("AT_RANDOM", Value::Some),
    ]);
    let mut always = plain().always;
    always.set.extend(exactly(&[("AT_ANY_TIME", "the-same")]));
    Kind { at_start, ..kind("script of the moment", &[package], always) }
}
