//! The worker under this machine's python: what is the same, and what is not compiled.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use mambox_layer::PySource;

use super::protocol::{Answer, WORKER, answer, request};

const PYTHONS: [&str; 3] = ["/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"];

/// This machine's python, unless there is none that is new enough.
fn python() -> Option<&'static str> {
    let new = "import sys; sys.exit(sys.version_info < (3, 7))";
    let fits = |python: &&str| {
        Path::new(python).exists()
            && Command::new(python).args(["-c", new]).status().is_ok_and(|status| status.success())
    };
    let python = PYTHONS.into_iter().find(|python| fits(python));
    if python.is_none() {
        mambox_testkit::skip("compiling python", "no python3 of 3.7 or newer is here");
    }
    python
}

/// What the worker makes of the sources.
fn compile(python: &str, sources: &[PySource], seed: &str) -> Answer {
    let mut child = Command::new(python)
        .args(["-s", "-S", "-B", "-W", "ignore", "-c", WORKER])
        .env_clear()
        .env("PYTHONHASHSEED", seed)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = request(sources).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feed = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feed.join().unwrap().unwrap();
    assert!(output.status.success());
    answer(&output.stdout, sources.len()).unwrap()
}

fn source(path: &str, text: impl AsRef<[u8]>) -> PySource {
    PySource { path: path.into(), text: text.as_ref().to_vec() }
}

/// Sources with what has been known to differ from run to run: sets, names that python itself uses, warnings,
/// encodings, errors.
fn sources() -> Vec<PySource> {
    let names = ["append", "latin_1", "category", "x", "surrogateescape", "SyntaxWarning", "__path__"];
    let set = names.map(|name| format!("{name:?}")).join(", ");
    let mut sources = vec![
        source("/empty.py", ""),
        source("/set.py", format!("def f(x):\n    return x in {{{set}, 1, 2.5, (3, 'four')}}\n")),
        source(
            "/names.py",
            names.map(|name| format!("{name} = '{name}'\n")).concat().replace("__path__ =", "p ="),
        ),
        source("/warning.py", "x = '\\d'\ny = 1 is 1\n"),
        source("/latin.py", b"# -*- coding: latin-1 -*-\nx = 'gr\xfc\xdfe'\n"),
        // The letter's object is shared by all of python, and a name makes it a name everywhere.
        source("/letter.py", "x = 'ä'\n"),
        source("/letter_as_name.py", "ä = 1\n"),
        source("/letter_again.py", "y = 'ä'\n"),
        source("/error.py", "def f(:\n"),
        source("/template.py", "import {{ module }}\n"),
        source("/nul.py", "x = 1\0\n"),
        source("/utf16.py", [0xff, 0xfe, b'x', 0]),
        source("/class.py", "class A:\n    'doc'\n    x: int = 1\n    async def f(self, *a, **k): await a\n"),
    ];
    sources.extend((0..5).map(|n| {
        source(&format!("/m{n}.py"), format!("latin_1 = {n}\ndef append(x): return x, 'category'\n"))
    }));
    sources
}

#[test]
fn bytes_depend_on_the_source_alone() {
    let Some(python) = python() else { return };
    let sources = sources();
    let expected = compile(python, &sources, "0");
    assert_eq!(compile(python, &sources, "0"), expected);
    // Before 3.11 python wrote sets in the order of their hashes, hence the one seed that is used.
    let minor = expected.tag.trim_start_matches("cpython-3").parse::<u32>().unwrap_or_default();
    for seed in ["1", "random"].iter().filter(|_| minor >= 11) {
        assert_eq!(compile(python, &sources, seed), expected, "with the hash seed {seed}");
    }
    let reversed: Vec<PySource> = sources.iter().rev().cloned().collect();
    let mut other_way = compile(python, &reversed, "0");
    other_way.results.reverse();
    assert_eq!(other_way, expected, "in another order");
    for (source, expected) in sources.iter().zip(expected.results) {
        let alone = compile(python, std::slice::from_ref(source), "0").results.remove(0);
        assert_eq!(alone, expected, "{} in a process of its own", source.path);
    }
}

#[test]
fn what_does_not_compile_is_told() {
    let Some(python) = python() else { return };
    let sources = sources();
    let results = compile(python, &sources, "0").results;
    let failed = sources.iter().zip(&results).filter(|(_, result)| result.is_err());
    let failed: Vec<&str> = failed.map(|(source, _)| source.path.as_str()).collect();
    assert_eq!(failed, ["/error.py", "/template.py", "/nul.py", "/utf16.py"]);
    let told: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(told[0].starts_with("SyntaxError: ") && told[0].contains("(error.py, line 1)"), "{}", told[0]);
}

#[test]
fn python_takes_the_files_without_a_look_at_the_source() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("module.py");
    let made = compile(python, &[source(path.to_str().unwrap(), "print('compiled', __file__)\n")], "0");
    let cache = folder.path().join("__pycache__");
    std::fs::create_dir(&cache).unwrap();
    let pyc = made.results[0].as_ref().unwrap();
    std::fs::write(cache.join(format!("module.{}.pyc", made.tag)), pyc).unwrap();
    // PEP 552: the second word's lowest bit says that a hash follows, the next that it is to be checked.
    assert_eq!(pyc[4..8], [1, 0, 0, 0]);
    std::fs::write(&path, "print('source')\n").unwrap();
    let run = Command::new(python).args(["-c", "import module"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&run.stdout), format!("compiled {}\n", path.display()));
}
