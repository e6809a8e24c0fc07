//! A prefix that ours makes equals, file by file, one that rattler's `Installer` makes; where python compiles, one that the
//! `Installer` makes and `compileall` completes.

use std::path::Path;
use std::process::Command;

use mambox_testkit::{ArchiveFormat, BuiltPackage, LocalChannel, PackageBuilder, TestEnv, binary_blob, skip};
use rattler::install::Installer;
use rattler::package_cache::PackageCache;
use rattler_conda_types::{RepoDataRecord, Subdir};

use crate::trees::{differences, tree};

#[track_caller]
fn assert_same_as_rattler(packages: &[PackageBuilder]) {
    compare(packages, &["--no-pyc"], |_| ());
}

/// `complete` does to either prefix what makes them comparable.
#[track_caller]
fn compare(packages: &[PackageBuilder], options: &[&str], complete: impl Fn(Maker<'_>)) {
    for format in [ArchiveFormat::Conda, ArchiveFormat::TarBz2] {
        let packages: Vec<BuiltPackage> =
            packages.iter().map(|package| package.clone().format(format).build()).collect();
        let channel = LocalChannel::with(&packages);
        let env = TestEnv::new(env!("CARGO_BIN_EXE_micromamba")).var("MAMBA_ROOT_PREFIX", "/nowhere");
        // Both write the same path into files.
        let prefix = env.root().join("prefix");
        let records = packages.iter().map(|package| channel.record(package)).collect();
        install(&env.root().join("rattler-cache"), &prefix, records);
        complete(Maker::Rattler(&prefix));
        let theirs = tree(&prefix);
        std::fs::remove_dir_all(&prefix).unwrap();
        let (path, channel) = (prefix.to_str().unwrap(), channel.path().to_str().unwrap());
        let mut words = vec!["create", "-y", "--no-rc", "-p", path, "-c", channel];
        words.extend(options);
        words.extend(packages.iter().map(|package| package.record.name.as_normalized()));
        let cache = env.root().join("our-cache");
        let env = env.var("CONDA_PKGS_DIRS", cache);
        let run = env.run(words);
        assert!(run.success(), "{run}");
        complete(Maker::Ours(&prefix));
        let differences = differences(&tree(&prefix), &theirs);
        assert!(differences.is_empty(), "{format:?}, ours and rattler's:\n{}", differences.join("\n"));
    }
}

/// Whose prefix it is.
enum Maker<'a> {
    Rattler(&'a Path),
    Ours(&'a Path),
}

fn install(cache: &Path, prefix: &Path, records: Vec<RepoDataRecord>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // Rattler's default client wants a provider, although nothing is downloaded; a second one is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let installer =
        Installer::new().with_package_cache(PackageCache::new(cache)).with_target_platform(Subdir::Linux64);
    runtime.block_on(installer.install(prefix, records)).unwrap();
}

fn package(name: &str) -> PackageBuilder {
    PackageBuilder::new(name, "1.0")
}

#[test]
fn files_and_links_of_all_kinds() {
    assert_same_as_rattler(&[package("files")
        .file("share/plain", "plain\n")
        .executable("bin/run", "#!/bin/sh\n")
        .read_only("share/read-only", "cannot be changed\n")
        .file("share/empty", "")
        .file("share/größe mit leerzeichen.txt", "Unicode and spaces\n")
        .file("share/no-link", "copied\n")
        .no_link()
        .file(&format!("share/{}/end", vec!["deep"; 40].join("/")), "a long path\n")
        .file("lib/libz.so.1.3", "a library\n")
        .symlink("lib/libz.so", "libz.so.1.3")
        .symlink("lib/nowhere", "does/not/exist")
        .symlink("lib/absolute", "/usr/lib/libc.so.6")
        .symlink("lib64", "lib")
        .hard_link("bin/again", "bin/run")]);
}

#[test]
fn placeholders() {
    assert_same_as_rattler(&[package("prefixed")
        .text_with_prefix("bin/script", "#!{prefix}/bin/python3.13\nprefix = '{prefix}'\n")
        .mode(0o755)
        .text_with_prefix("bin/long", &format!("#!{{prefix}}/bin/{} -a b\necho\n", "x".repeat(130)))
        .text_with_prefix("share/none", "the placeholder is not in here\n")
        .binary_with_prefix("bin/one", binary_blob(&["{prefix}/share/one"]))
        .binary_with_prefix("bin/many", binary_blob(&["{prefix}/a:{prefix}/b", "nothing", "{prefix}"]))
        .hard_link("bin/two", "bin/one")]);
}

#[test]
fn noarch_python() {
    let python = PackageBuilder::python_interpreter("3.13.5", "\x7fELF interpreter");
    let noarch = package("tool")
        .noarch_python()
        .depends("python >=3.11")
        .entry_point("tool", "tool.cli", "main")
        .entry_point("tool-class", "tool.cli", "App.run")
        .dist_info()
        .site_package("tool/__init__.py", "")
        .site_package("tool/cli.py", "def main(): pass\n")
        .executable("python-scripts/tool-script", "#!/bin/sh\n")
        .text_with_prefix("python-scripts/tool-python", "#!{prefix}/bin/python\n")
        .file("share/tool/data", "data\n");
    let generic = package("data").noarch_generic().file("share/data", "data\n");
    assert_same_as_rattler(&[python, noarch, generic]);
}

/// The machine's own.
const PYTHON: &str = "/usr/bin/python3";

/// Lists in records what `compileall` made, as conda does: behind the package's own, without digest and size.
const LIST: &str = r#"
import glob, json, os, sys
prefix = sys.argv[1]
for path in glob.glob(prefix + '/conda-meta/*.json'):
    with open(path) as file:
        record = json.load(file)
    if record.get('noarch') == 'python':
        folders = {os.path.dirname(source) for source in record['files'] if source.endswith('.py')}
        pycs = [pyc for folder in folders for pyc in glob.glob(f'{prefix}/{folder}/__pycache__/*.pyc')]
        for pyc in [os.path.relpath(pyc, prefix) for pyc in pycs]:
            record['files'].append(pyc)
            record['paths_data']['paths'].append({'_path': pyc, 'path_type': 'pyc_file'})
        with open(path, 'w') as file:
            json.dump(record, file)
"#;

/// Marshal's format marks what has several owners at that moment, which may differ between two processes. Version 2 does
/// not, so that all else can be compared: header, code, names, the source's path.
const WITHOUT_MARKS: &str = r#"
import glob, marshal, sys
found = glob.glob(sys.argv[1] + '/**/*.pyc', recursive=True)
assert len(found) > 4, found
for pyc in found:
    with open(pyc, 'rb') as file:
        header, code = file.read(16), file.read()
    with open(pyc, 'wb') as file:
        file.write(header + marshal.dumps(marshal.loads(code), 2))
"#;

#[track_caller]
fn python(words: &[&str]) {
    let output = Command::new(PYTHON).args(["-Wi", "-I", "-S"]).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Such as 3.13.5; nothing where there is no python.
fn version_of_python() -> Option<String> {
    let ask = "import platform; print(platform.python_version())";
    let output = Command::new(PYTHON).args(["-I", "-S", "-c", ask]).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

#[test]
fn compiled_files() {
    let Some(version) = version_of_python() else {
        skip("compiled files", &format!("there is no {PYTHON}"));
        return;
    };
    let interpreter =
        PackageBuilder::python_interpreter(&version, format!("#!/bin/sh\nexec {PYTHON} \"$@\"\n"));
    let tool = package("tool")
        .noarch_python()
        .depends("python")
        .entry_point("tool", "tool.cli", "main")
        .dist_info()
        .site_package("tool/__init__.py", "from .cli import main\n")
        .site_package("tool/cli.py", "class Cli:\n    def run(self):\n        return 'run', 1\n")
        .site_package("tool/template.py", "this is {no python}\n")
        .site_package("tool/größe.py", "weite = 1\n")
        .text_with_prefix("site-packages/tool/paths.py", "prefix = '{prefix}'\n")
        .executable("python-scripts/tool-script.py", "import tool\n")
        .file("share/tool/data.py", "data = 1\n");
    // Sources of other packages are compiled by whoever builds those.
    let native = package("native").file("lib/native/source.py", "native = 1\n");
    let single =
        package("single").noarch_python().depends("python").site_package("single.py", "x = {1: 2}\n");
    compare(&[interpreter, tool, native, single], &[], |maker| match maker {
        Maker::Rattler(prefix) => {
            let (short, _) = version.rsplit_once('.').unwrap();
            let sources = prefix.join(format!("lib/python{short}/site-packages"));
            let sources = sources.to_str().unwrap();
            // It fails where one source is no python, and goes on.
            let mut compileall = Command::new(PYTHON);
            compileall.args([
                "-Wi",
                "-I",
                "-S",
                "-m",
                "compileall",
                "-q",
                "--invalidation-mode",
                "timestamp",
            ]);
            compileall.arg(sources).output().unwrap();
            let prefix = prefix.to_str().unwrap();
            python(&["-c", LIST, prefix]);
            python(&["-c", WITHOUT_MARKS, prefix]);
        }
        Maker::Ours(prefix) => python(&["-c", WITHOUT_MARKS, prefix.to_str().unwrap()]),
    });
}

/// Reads all records, and tells those of a package with its files.
const READ: &str = r#"
import pathlib, sys, rattler
records = [rattler.PrefixRecord.from_path(path) for path in pathlib.Path(sys.argv[1], 'conda-meta').glob('*.json')]
for record in sorted(records, key=lambda record: record.name.normalized):
    kinds = [(str(entry.relative_path), entry.path_type) for entry in record.paths_data.paths]
    print(record.name.normalized, record.version, len(record.files), record.requested_spec)
    print(*[path for path, kind in kinds if kind.unix_python_entry_point or kind.pyc_file])
"#;

#[test]
fn py_rattler_reads_it_back() {
    let python = |words: &[&str]| Command::new("python3").args(words).output().ok();
    if python(&["-c", "import rattler"]).is_none_or(|output| !output.status.success()) {
        skip("py-rattler", "python3 has no module rattler (pip install py-rattler)");
        return;
    }
    let interpreter = PackageBuilder::python_interpreter("3.13.5", "#!/bin/sh\n");
    let tool = package("tool")
        .noarch_python()
        .depends("python")
        .entry_point("tool", "tool", "main")
        .site_package("tool.py", "")
        .text_with_prefix("share/tool", "{prefix}");
    let channel = LocalChannel::with(&[interpreter.build(), tool.build()]);
    let env = TestEnv::new(env!("CARGO_BIN_EXE_micromamba")).var("MAMBA_ROOT_PREFIX", "/nowhere");
    let prefix = env.root().join("prefix");
    let (prefix, cache) = (prefix.to_str().unwrap(), env.root().join("cache"));
    let env = env.var("CONDA_PKGS_DIRS", cache);
    let run =
        env.run(["create", "-y", "--no-rc", "-p", prefix, "-c", channel.path().to_str().unwrap(), "tool"]);
    assert!(run.success(), "{run}");
    let output = python(&["-c", READ, prefix]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @r"
    python 3.13.5 5 None

    tool 1.0 3 tool
    bin/tool
    ");
}

#[test]
fn packages_that_have_the_same_files() {
    let base = package("a-base").file("share/both", "base\n").file("share/base", "base\n");
    let middle = package("m-middle").depends("a-base").file("share/both", "middle\n");
    let top = package("z-top").depends("m-middle").file("share/both", "top\n").file("share/top", "top\n");
    let aside = package("b-aside").file("share/both", "aside\n").symlink("share/aside", "both");
    assert_same_as_rattler(&[base, middle, top, aside]);
}

#[test]
fn old_metadata_and_unlisted_files() {
    assert_same_as_rattler(&[
        package("old")
            .legacy_metadata()
            .no_timestamp()
            .file("share/plain", "plain\n")
            .text_with_prefix("bin/script", "#!{prefix}/bin/sh\n")
            .binary_with_prefix("bin/program", binary_blob(&["{prefix}/lib"])),
        package("partial")
            .file("share/listed", "is there\n")
            .file("share/unlisted", "is not\n")
            .unlisted("share/unlisted"),
    ]);
}
