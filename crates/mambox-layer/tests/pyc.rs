//! `.pyc` files of noarch python packages: which sources are compiled, where the results go, what the key says.

mod common;

use std::slice::from_ref;
use std::sync::Mutex;

use mambox_layer::{Compile, CompileError, LayerOptions, PySource, PycPolicy, plan};
use mambox_testkit::{BuiltPackage, PackageBuilder, extract_map, listing};

use common::{Built, build, build_compiled, lock, options};

/// Makes a text that names the source; what says `syntax error` does not compile.
#[derive(Default)]
struct Fake {
    /// The paths of each call.
    calls: Mutex<Vec<Vec<String>>>,
}

impl Compile for Fake {
    fn compile(&self, sources: &[PySource]) -> Result<Vec<Result<Vec<u8>, String>>, CompileError> {
        self.calls.lock().expect("no panic").push(sources.iter().map(|source| source.path.clone()).collect());
        let compile = |source: &PySource| match source.text.as_slice() {
            text if text.starts_with(b"syntax error") => {
                Err("invalid syntax\u{7} (line 1)\nmore of it".to_owned())
            }
            text => Ok(format!("pyc of {} with {} bytes", source.path, text.len()).into_bytes()),
        };
        Ok(sources.iter().map(compile).collect())
    }
}

/// Fails, or does not do its work.
struct Broken;

impl Compile for Broken {
    fn compile(&self, sources: &[PySource]) -> Result<Vec<Result<Vec<u8>, String>>, CompileError> {
        match sources.len() {
            1 => Err(CompileError::new("python does not start")),
            _ => Ok(Vec::new()),
        }
    }
}

fn with_pyc() -> LayerOptions {
    LayerOptions { pyc: PycPolicy::UncheckedHash, ..options() }
}

fn python(version: &str) -> BuiltPackage {
    PackageBuilder::python_interpreter(version, "").build()
}

fn tool() -> PackageBuilder {
    PackageBuilder::new("tool", "1.0").noarch_python().depends("python")
}

/// Python 3.13 and a package.
fn compiled(package: &PackageBuilder) -> (Built, Fake) {
    let compiler = Fake::default();
    let built = build_compiled(&[python("3.13.5"), package.build()], &with_pyc(), Some(&compiler));
    (built.expect("it builds"), compiler)
}

/// The paths in a layer that end in `.pyc`, without the folders above site-packages.
fn pyc_files(layer: &[u8]) -> Vec<String> {
    let paths = extract_map(layer).into_keys().filter(|path| path.ends_with(".pyc"));
    paths.map(|path| path.replace("opt/conda/lib/python3.13/site-packages/", "")).collect()
}

#[test]
fn pyc_files_come_behind_the_files_with_their_sources_time() {
    let package = tool()
        .entry_point("tool", "tool.cli", "main")
        .site_package("tool/__init__.py", "")
        .site_package("tool/cli.py", "def main(): pass\n")
        .mtime(1_600_000_000)
        .site_package("tool/data.txt", "");
    let (built, compiler) = compiled(&package);
    insta::assert_snapshot!(listing(&built.blobs[1]), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/tool/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 0 opt/conda/lib/python3.13/site-packages/tool/__init__.py
    -rw-r--r-- 0:0 2020-09-13T12:26:40Z 17 opt/conda/lib/python3.13/site-packages/tool/cli.py
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 0 opt/conda/lib/python3.13/site-packages/tool/data.txt
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxrwxr-x 0:0 2023-11-14T22:13:20Z 213 opt/conda/bin/tool
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/tool/__pycache__/
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 76 opt/conda/lib/python3.13/site-packages/tool/__pycache__/__init__.cpython-313.pyc
    -rw-rw-r-- 0:0 2020-09-13T12:26:40Z 72 opt/conda/lib/python3.13/site-packages/tool/__pycache__/cli.cpython-313.pyc
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 2051 opt/conda/conda-meta/tool-1.0-0.json
    ");
    assert_eq!(
        *compiler.calls.lock().unwrap(),
        [[
            "/opt/conda/lib/python3.13/site-packages/tool/__init__.py",
            "/opt/conda/lib/python3.13/site-packages/tool/cli.py"
        ]]
    );
    let pyc = "opt/conda/lib/python3.13/site-packages/tool/__pycache__/cli.cpython-313.pyc";
    assert_eq!(
        extract_map(&built.blobs[1])[pyc].text(),
        "pyc of /opt/conda/lib/python3.13/site-packages/tool/cli.py with 17 bytes"
    );
    let summary = &built.outputs[1].packages[0];
    assert_eq!((summary.files, summary.compiled, summary.uncompiled.len()), (6, 2, 0));
}

#[test]
fn the_record_lists_them_as_conda_does() {
    let (built, _) = compiled(&tool().site_package("tool.py", ""));
    let record = extract_map(&built.blobs[1])["opt/conda/conda-meta/tool-1.0-0.json"].text().to_owned();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let told = serde_json::json!([record["files"], record["paths_data"]]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&told).unwrap(), @r#"
    [
      [
        "lib/python3.13/site-packages/__pycache__/tool.cpython-313.pyc",
        "lib/python3.13/site-packages/tool.py"
      ],
      {
        "paths_version": 1,
        "paths": [
          {
            "_path": "lib/python3.13/site-packages/__pycache__/tool.cpython-313.pyc",
            "path_type": "pyc_file"
          },
          {
            "_path": "lib/python3.13/site-packages/tool.py",
            "path_type": "hardlink",
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "size_in_bytes": 0
          }
        ]
      }
    ]
    "#);
}

#[test]
fn only_sources_below_site_packages_are_compiled() {
    let package = tool()
        .site_package("a.py", "")
        .site_package("deep/er/b.py", "")
        .site_package("not.pyx", "")
        .site_package("odd\tname.py", "")
        .site_package(".py", "")
        .file("python-scripts/script.py", "")
        .file("share/example.py", "")
        .file("lib/python3.13/site-packages/direct.py", "")
        .symlink("site-packages/link.py", "a.py");
    let (built, _) = compiled(&package);
    assert_eq!(
        pyc_files(&built.blobs[1]),
        ["__pycache__/a.cpython-313.pyc", "deep/er/__pycache__/b.cpython-313.pyc"]
    );
}

#[test]
fn packages_of_a_platform_and_generic_ones_are_not_compiled() {
    let native = PackageBuilder::new("native", "1.0").file("lib/python3.13/site-packages/native.py", "");
    let generic = PackageBuilder::new("generic", "1.0").noarch_generic().file("site-packages/x.py", "");
    for package in [native, generic] {
        let (built, compiler) = compiled(&package);
        assert_eq!(built.blobs.iter().flat_map(|layer| pyc_files(layer)).count(), 0);
        assert!(compiler.calls.lock().unwrap().is_empty());
    }
}

#[test]
fn what_does_not_compile_is_told_and_left_out() {
    let package = tool()
        .site_package("tool/good.py", "")
        .site_package("tool/template.py", "syntax error {{ name }}")
        .site_package("tool/huge.py", &"#".repeat((16 << 20) + 1));
    let (built, _) = compiled(&package);
    assert_eq!(pyc_files(&built.blobs[1]), ["tool/__pycache__/good.cpython-313.pyc"]);
    let told = &built.outputs[1].packages[0].uncompiled;
    let told: Vec<_> = told.iter().map(|one| format!("{}: {}", one.path, one.reason)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    lib/python3.13/site-packages/tool/huge.py: it is larger than 16777216 bytes
    lib/python3.13/site-packages/tool/template.py: invalid syntax (line 1)
    ");
}

#[test]
fn a_pyc_of_the_package_stays() {
    let shipped = "tool/__pycache__/a.cpython-313.pyc";
    let package =
        tool().site_package("tool/a.py", "").site_package(shipped, "shipped").site_package("b.py", "");
    let (built, _) = compiled(&package);
    let files = extract_map(&built.blobs[1]);
    assert_eq!(files[&format!("opt/conda/lib/python3.13/site-packages/{shipped}")].text(), "shipped");
    assert_eq!(pyc_files(&built.blobs[1]), ["__pycache__/b.cpython-313.pyc", shipped]);
}

#[test]
fn a_file_where_the_folder_should_be_keeps_pyc_files_away() {
    let package = tool().site_package("tool/a.py", "").site_package("tool/__pycache__", "a file");
    let (built, _) = compiled(&package);
    assert!(pyc_files(&built.blobs[1]).is_empty());
}

#[test]
fn a_pyc_of_another_package_stays() {
    let folder = "lib/python3.13/site-packages";
    let pyc = format!("{folder}/tool/__pycache__/a.cpython-313.pyc");
    let other = PackageBuilder::new("other", "1.0").file(&pyc, "shipped");
    let blocking = PackageBuilder::new("blocking", "1.0").file(&format!("{folder}/deep/__pycache__"), "");
    let tool = tool().site_package("tool/a.py", "").site_package("b.py", "").site_package("deep/c.py", "");
    let packages = [python("3.13.5"), tool.build(), other.build(), blocking.build()];
    let built = build_compiled(&packages, &with_pyc(), Some(&Fake::default())).unwrap();
    let tree = mambox_testkit::flatten(&built.blobs);
    assert_eq!(tree[&format!("opt/conda/{pyc}")].text(), "shipped");
    assert!(tree.contains_key(&format!("opt/conda/{folder}/__pycache__/b.cpython-313.pyc")));
    assert!(built.conflicts.conflicts.is_empty(), "nobody's file is left out");
    let masked = |built: &Built| -> Vec<String> {
        let keys = built.plan.layers().iter().flat_map(|layer| &layer.key().packages);
        keys.flat_map(|key| key.masked.clone()).collect()
    };
    assert_eq!(masked(&built), [format!("{folder}/deep/__pycache__/c.cpython-313.pyc"), pyc]);
    assert!(
        masked(&build(&packages, &options()).unwrap()).is_empty(),
        "without .pyc files, keys stay as they are"
    );
}

#[test]
fn of_two_packages_with_one_source_the_winner_is_compiled() {
    let base =
        PackageBuilder::new("base", "1.0").noarch_python().depends("python").site_package("x.py", "base");
    let top = tool().depends("base").site_package("x.py", "top of all");
    let built =
        build_compiled(&[python("3.13.5"), base.build(), top.build()], &with_pyc(), Some(&Fake::default()))
            .unwrap();
    let layers: Vec<_> = built.blobs.iter().map(|layer| pyc_files(layer).len()).collect();
    assert_eq!(layers, [0, 0, 1]);
    assert_eq!(built.conflicts.conflicts.len(), 1, "the source alone is in conflict");
    let pyc = "opt/conda/lib/python3.13/site-packages/__pycache__/x.cpython-313.pyc";
    assert!(extract_map(&built.blobs[2])[pyc].text().ends_with("with 10 bytes"));
}

#[test]
fn prefixes_are_replaced_before_sources_are_compiled() {
    let (built, _) = compiled(&tool().text_with_prefix("site-packages/x.py", "{prefix}"));
    let files = extract_map(&built.blobs[1]);
    let pyc = &files["opt/conda/lib/python3.13/site-packages/__pycache__/x.cpython-313.pyc"];
    assert!(pyc.text().ends_with("with 10 bytes"), "/opt/conda");
    assert_eq!(pyc.mtime, files["opt/conda/lib/python3.13/site-packages/x.py"].mtime);
}

#[test]
fn hard_links_are_compiled_under_each_name() {
    let package = tool().site_package("a.py", "text").hard_link("site-packages/b.py", "site-packages/a.py");
    let (built, compiler) = compiled(&package);
    assert_eq!(
        pyc_files(&built.blobs[1]),
        ["__pycache__/a.cpython-313.pyc", "__pycache__/b.cpython-313.pyc"]
    );
    assert_eq!(compiler.calls.lock().unwrap()[0].len(), 2);
}

#[test]
fn large_packages_are_compiled_in_batches() {
    let mut package = tool();
    let mut small = tool();
    for name in 0..6 {
        package = package.site_package(&format!("m{name}.py"), &"#".repeat(13 << 20));
        small = small.site_package(&format!("m{name}.py"), "#");
    }
    let (built, compiler) = compiled(&package);
    let sizes: Vec<usize> = compiler.calls.lock().unwrap().iter().map(Vec::len).collect();
    assert_eq!(sizes, [4, 2]);
    assert_eq!(pyc_files(&built.blobs[1]), pyc_files(&compiled(&small).0.blobs[1]));
}

#[test]
fn the_key_names_the_compiler_where_it_matters() {
    let packages = [python("3.13.5"), tool().build(), PackageBuilder::new("native", "1.0").build()];
    let plan = |options: &LayerOptions| plan(&lock(&packages), options).unwrap();
    let (off, on) = (plan(&options()), plan(&with_pyc()));
    for (off, on) in off.layers().iter().zip(on.layers()) {
        let is_tool = on.packages()[0].package.name() == "tool";
        assert_eq!((on.compiles(), off.compiles()), (is_tool, false));
        assert_eq!(off.key().digest() == on.key().digest(), !is_tool, "other keys stay as they are");
    }
    let tool = on.layers().iter().find(|layer| layer.compiles()).unwrap();
    let key = String::from_utf8(tool.key().to_json()).unwrap();
    let (_, end) = key.split_once("\"prefix\"").unwrap();
    insta::assert_snapshot!(end, @r#":"/opt/conda","python":{"version":"3.13","site_packages":"lib/python3.13/site-packages"},"pyc":"unchecked-hash","compiler":"sha256:0707070707070707070707070707070707070707070707070707070707070707","slim":[],"codec":"none"}"#);
    assert_eq!(serde_json::from_str::<mambox_layer::LayerKey>(&key).unwrap(), *tool.key());
}

#[test]
fn python_before_3_7_makes_none() {
    for (version, makes) in [("2.7.18", false), ("3.6.15", false), ("3.7.0", true), ("3.14.0", true)] {
        let packages = [python(version), tool().build()];
        let plan = plan(&lock(&packages), &with_pyc()).unwrap();
        assert_eq!(plan.layers().iter().any(|layer| layer.compiles()), makes, "{version}");
        assert_eq!(plan.python().unwrap().can_make_pyc(), makes);
    }
}

#[test]
fn without_a_compiler_or_with_a_broken_one_the_package_is_named() {
    let one = tool().site_package("a.py", "").build();
    let two = tool().site_package("a.py", "").site_package("b.py", "").build();
    let fail = |package: &BuiltPackage, compiler: Option<&dyn Compile>| {
        let packages = [python("3.13.5"), package.clone()];
        build_compiled(&packages, &with_pyc(), compiler).err().unwrap().to_string()
    };
    let messages = [fail(&one, None), fail(&one, Some(&Broken)), fail(&two, Some(&Broken))];
    insta::assert_snapshot!(messages.join("\n"), @r"
    the layer of tool-1.0-0.conda is to hold .pyc files, but no compiler was given for it
    the python files of package tool-1.0-0.conda cannot be compiled: python does not start
    the python files of package tool-1.0-0.conda cannot be compiled: 0 results came of 2 sources
    ");
    assert_eq!(build(from_ref(&python("3.13.5")), &with_pyc()).unwrap().outputs.len(), 1, "none is needed");
}
