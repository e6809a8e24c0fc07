//! The policies and their rules.
//!
//! A rule must hold for every package that follows the usual layout, so each takes what has one meaning by its place, and
//! leaves what merely looks like it. Site-packages belong to programs that may read any of their files: only levels of
//! `.pyc` files are taken from there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlimPolicy {
    /// Debug symbols in files of their own: `lib/debug/**`; `*.debug` among programs and libraries; `*.dSYM`; `*.pdb` directly
    /// in `bin` and `lib` and below `lib/dotnet` (elsewhere it is a protein's structure).
    Debug,
    /// Documentation: `share/{man,doc,info,gtk-doc}/**` and `man/**`, but for licences.
    Docs,
    /// C headers: `include/**`, but for python's `pyconfig.h`. Those within site-packages stay, as programs ask packages for
    /// them (`numpy.get_include()`), and so do those of compilers (`lib/clang/…/include`).
    Headers,
    /// `__pycache__/*.opt-1.pyc` and `*.opt-2.pyc`, which only `python -O` and `-OO` read.
    PycLevels,
    /// `*.a` below `lib` outside the folders of languages and compilers; `*.la` directly in `lib`, since those further
    /// below are how libltdl finds plug-ins.
    StaticLibs,
    /// The tests of python's standard library: `test`, `idlelib/idle_test` and modules' `test` and `tests` folders, in
    /// the package `python` alone.
    Tests,
}

/// Begins of the names of folders in `lib` in which a compiler or an interpreter has its own `.a` files: programs are
/// linked with them, or extensions made, where the environment is used.
const LANGUAGES: [&str; 13] = [
    "python", "pypy", "gcc", "clang", "rustlib", "go", "R", "ghc", "ocaml", "julia", "perl", "ruby", "erlang",
];

impl SlimPolicy {
    /// All, by name.
    pub const ALL: [Self; 6] =
        [Self::Debug, Self::Docs, Self::Headers, Self::PycLevels, Self::StaticLibs, Self::Tests];

    /// Its name: `static-libs` and the like.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Docs => "docs",
            Self::Headers => "headers",
            Self::PycLevels => "pyc-levels",
            Self::StaticLibs => "static-libs",
            Self::Tests => "tests",
        }
    }

    /// The policy of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// Whether the rule names a file or link, licences aside. `path` is relative to the prefix.
    pub(super) fn takes(self, package: &str, path: &str) -> bool {
        match self {
            Self::Debug => is_debug(path),
            Self::Docs => is_doc(path),
            Self::Headers => is_header(path),
            Self::PycLevels => is_pyc_level(path),
            Self::StaticLibs => is_static_lib(path),
            Self::Tests => package == "python" && is_test(path),
        }
    }
}

impl fmt::Display for SlimPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_debug(path: &str) -> bool {
    if in_site_packages(path) {
        return false;
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let among_programs =
        ["bin/", "sbin/", "lib/", "lib64/", "libexec/"].iter().any(|top| path.starts_with(top));
    let beside_program = matches!(folder, "bin" | "lib") || path.starts_with("lib/dotnet/");
    path.starts_with("lib/debug/")
        || (among_programs && name.ends_with(".debug"))
        || (beside_program && name.ends_with(".pdb"))
        || folder.split('/').any(|part| part.ends_with(".dSYM"))
}

fn is_doc(path: &str) -> bool {
    let folders = ["share/man/", "share/doc/", "share/info/", "share/gtk-doc/", "man/"];
    folders.iter().any(|folder| path.starts_with(folder))
}

fn is_header(path: &str) -> bool {
    let Some(below) = path.strip_prefix("include/") else { return false };
    // sysconfig and what builds extensions read it as python's configuration.
    !(below.starts_with("python") && below.ends_with("/pyconfig.h"))
}

fn is_pyc_level(path: &str) -> bool {
    let cached = path
        .rsplit_once('/')
        .is_some_and(|(folder, _)| folder == "__pycache__" || folder.ends_with("/__pycache__"));
    cached && (path.ends_with(".opt-1.pyc") || path.ends_with(".opt-2.pyc"))
}

fn is_static_lib(path: &str) -> bool {
    let Some(below) = path.strip_prefix("lib/") else { return false };
    match below.split_once('/') {
        None => below.ends_with(".a") || below.ends_with(".la"),
        Some((folder, _)) => {
            below.ends_with(".a") && !LANGUAGES.iter().any(|language| is_home(folder, language))
        }
    }
}

/// `python3.13`, `ghc-9.4`, `gcc`, but not `gobject` for `go`.
fn is_home(folder: &str, language: &str) -> bool {
    folder.strip_prefix(language).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn is_test(path: &str) -> bool {
    let Some(("lib", below)) = path.split_once('/') else { return false };
    let Some((version, below)) = below.split_once('/') else { return false };
    let number = version.strip_prefix("python").map(|number| number.strip_suffix('t').unwrap_or(number));
    let is_version =
        |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !number.is_some_and(is_version) {
        return false;
    }
    let mut parts = below.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("site-packages"), ..) => false,
        (Some("test"), Some(_), _) | (Some("idlelib"), Some("idle_test"), Some(_)) => true,
        (Some(_), Some("test" | "tests"), Some(_)) => true,
        _ => false,
    }
}

fn in_site_packages(path: &str) -> bool {
    path.split('/').any(|part| part == "site-packages")
}

#[cfg(test)]
mod tests {
    use super::super::SlimPolicies;

    /// Each path with the policy that takes it, where all are on.
    fn taken(package: &str, paths: &[&str]) -> String {
        let line = |path: &&str| {
            let policy = SlimPolicies::all().left_out(package, path);
            format!("{:<11} {path}", policy.map_or("stays", |policy| policy.name()))
        };
        paths.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn debug_symbols() {
        let paths = [
            "lib/debug/usr/lib/liba.so",
            "lib/liba.so.1.debug",
            "bin/.debug/tool.debug",
            "bin/tool.pdb",
            "lib/dotnet/shared/System.pdb",
            "lib/liba.dylib.dSYM/Contents/Info.plist",
            "share/data/1abc.pdb",
            "lib/python3.13/site-packages/openmm/app/data/test.pdb",
            "lib/amber/ff.pdb",
            "etc/app.debug",
            "lib/debugger/tool.py",
            "lib/libdebug.so",
            "lib/python3.13/site-packages/app/lib/app.debug",
        ];
        insta::assert_snapshot!(taken("app", &paths), @r"
        debug       lib/debug/usr/lib/liba.so
        debug       lib/liba.so.1.debug
        debug       bin/.debug/tool.debug
        debug       bin/tool.pdb
        debug       lib/dotnet/shared/System.pdb
        debug       lib/liba.dylib.dSYM/Contents/Info.plist
        stays       share/data/1abc.pdb
        stays       lib/python3.13/site-packages/openmm/app/data/test.pdb
        stays       lib/amber/ff.pdb
        stays       etc/app.debug
        stays       lib/debugger/tool.py
        stays       lib/libdebug.so
        stays       lib/python3.13/site-packages/app/lib/app.debug
        ");
    }

    #[test]
    fn documentation_but_no_licence() {
        let paths = [
            "share/man/man1/xz.1",
            "share/man/de/man1/xz.1",
            "share/doc/xz/NEWS",
            "share/info/gmp.info",
            "share/gtk-doc/html/glib/index.html",
            "man/man1/old.1",
            "share/doc/xz/COPYING.LGPLv2.1",
            "share/doc/a/licenses/b.txt",
            "share/man/man7/gpl.7",
            "share/manual/a",
            "share/documents/a",
            "share/information/a",
            "share/doc",
            "lib/python3.13/pydoc_data/topics.py",
            "share/help/C/a.page",
        ];
        insta::assert_snapshot!(taken("xz", &paths), @r"
        docs        share/man/man1/xz.1
        docs        share/man/de/man1/xz.1
        docs        share/doc/xz/NEWS
        docs        share/info/gmp.info
        docs        share/gtk-doc/html/glib/index.html
        docs        man/man1/old.1
        stays       share/doc/xz/COPYING.LGPLv2.1
        stays       share/doc/a/licenses/b.txt
        stays       share/man/man7/gpl.7
        stays       share/manual/a
        stays       share/documents/a
        stays       share/information/a
        stays       share/doc
        stays       lib/python3.13/pydoc_data/topics.py
        stays       share/help/C/a.page
        ");
    }

    #[test]
    fn headers_outside_of_packages_of_languages() {
        let paths = [
            "include/zlib.h",
            "include/python3.13/Python.h",
            "include/boost/config.hpp",
            "include/python3.13/pyconfig.h",
            "include/boost/LICENSE_1_0.txt",
            "lib/python3.13/site-packages/numpy/_core/include/numpy/arrayobject.h",
            "lib/R/include/R.h",
            "lib/clang/19/include/stddef.h",
            "x86_64-conda-linux-gnu/sysroot/usr/include/stdio.h",
            "share/include/a.h",
            "includes/a.h",
        ];
        insta::assert_snapshot!(taken("a", &paths), @r"
        headers     include/zlib.h
        headers     include/python3.13/Python.h
        headers     include/boost/config.hpp
        stays       include/python3.13/pyconfig.h
        stays       include/boost/LICENSE_1_0.txt
        stays       lib/python3.13/site-packages/numpy/_core/include/numpy/arrayobject.h
        stays       lib/R/include/R.h
        stays       lib/clang/19/include/stddef.h
        stays       x86_64-conda-linux-gnu/sysroot/usr/include/stdio.h
        stays       share/include/a.h
        stays       includes/a.h
        ");
    }

    #[test]
    fn levels_of_pyc_files_that_plain_python_does_not_read() {
        let paths = [
            "lib/python3.13/__pycache__/os.cpython-313.opt-1.pyc",
            "lib/python3.13/site-packages/a/__pycache__/b.cpython-313.opt-2.pyc",
            "lib/python3.13/__pycache__/os.cpython-313.pyc",
            "lib/python3.13/os.opt-1.pyc",
            "share/__pycache__/a.opt-1.txt",
            "lib/my__pycache__/a.opt-1.pyc",
        ];
        insta::assert_snapshot!(taken("a", &paths), @r"
        pyc-levels  lib/python3.13/__pycache__/os.cpython-313.opt-1.pyc
        pyc-levels  lib/python3.13/site-packages/a/__pycache__/b.cpython-313.opt-2.pyc
        stays       lib/python3.13/__pycache__/os.cpython-313.pyc
        stays       lib/python3.13/os.opt-1.pyc
        stays       share/__pycache__/a.opt-1.txt
        stays       lib/my__pycache__/a.opt-1.pyc
        ");
    }

    #[test]
    fn static_libraries_that_nothing_loads() {
        let paths = [
            "lib/libz.a",
            "lib/libz.la",
            "lib/intel64/libipp.a",
            "lib/gobject/liba.a",
            "lib/libz.so",
            "lib/libz.so.1",
            "lib/ImageMagick-7/modules-Q16/coders/png.la",
            "lib/python3.13/config-3.13-x86_64-linux-gnu/libpython3.13.a",
            "lib/python3.13/site-packages/numpy/_core/lib/libnpymath.a",
            "lib/gcc/x86_64-conda-linux-gnu/14.2.0/libgcc.a",
            "lib/clang/19/lib/linux/libclang_rt.builtins-x86_64.a",
            "lib/rustlib/x86_64/lib/liba.a",
            "lib/ghc-9.4/liba.a",
            "lib/R/lib/libRblas.a",
            "x86_64-conda-linux-gnu/sysroot/usr/lib/libc.a",
            "share/data/a.a",
            "lib/liba.a.txt",
        ];
        insta::assert_snapshot!(taken("a", &paths), @r"
        static-libs lib/libz.a
        static-libs lib/libz.la
        static-libs lib/intel64/libipp.a
        static-libs lib/gobject/liba.a
        stays       lib/libz.so
        stays       lib/libz.so.1
        stays       lib/ImageMagick-7/modules-Q16/coders/png.la
        stays       lib/python3.13/config-3.13-x86_64-linux-gnu/libpython3.13.a
        stays       lib/python3.13/site-packages/numpy/_core/lib/libnpymath.a
        stays       lib/gcc/x86_64-conda-linux-gnu/14.2.0/libgcc.a
        stays       lib/clang/19/lib/linux/libclang_rt.builtins-x86_64.a
        stays       lib/rustlib/x86_64/lib/liba.a
        stays       lib/ghc-9.4/liba.a
        stays       lib/R/lib/libRblas.a
        stays       x86_64-conda-linux-gnu/sysroot/usr/lib/libc.a
        stays       share/data/a.a
        stays       lib/liba.a.txt
        ");
    }

    #[test]
    fn tests_of_the_standard_library_alone() {
        let paths = [
            "lib/python3.13/test/test_os.py",
            "lib/python3.13t/test/support/__init__.py",
            "lib/python3.11/unittest/test/__main__.py",
            "lib/python3.11/lib2to3/tests/data/a.py",
            "lib/python3.13/idlelib/idle_test/htest.py",
            "lib/python3.13/unittest/mock.py",
            "lib/python3.13/doctest.py",
            "lib/python3.13/test",
            "lib/python3.13/testing/a.py",
            "lib/python3.13/site-packages/test/a.py",
            "lib/python3.13/site-packages/numpy/tests/test_a.py",
            "lib/python3.13/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so",
            "lib/python/test/a.py",
            "lib/python-tools/test/a.py",
            "share/test/a.py",
        ];
        insta::assert_snapshot!(taken("python", &paths), @r"
        tests       lib/python3.13/test/test_os.py
        tests       lib/python3.13t/test/support/__init__.py
        tests       lib/python3.11/unittest/test/__main__.py
        tests       lib/python3.11/lib2to3/tests/data/a.py
        tests       lib/python3.13/idlelib/idle_test/htest.py
        stays       lib/python3.13/unittest/mock.py
        stays       lib/python3.13/doctest.py
        stays       lib/python3.13/test
        stays       lib/python3.13/testing/a.py
        stays       lib/python3.13/site-packages/test/a.py
        stays       lib/python3.13/site-packages/numpy/tests/test_a.py
        stays       lib/python3.13/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so
        stays       lib/python/test/a.py
        stays       lib/python-tools/test/a.py
        stays       share/test/a.py
        ");
        assert_eq!(taken("pytest", &paths[..1]), "stays       lib/python3.13/test/test_os.py");
    }
}
