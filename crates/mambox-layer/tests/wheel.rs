//! What a wheel's layer holds.

mod common;

use mambox_layer::{LayerOptions, PycPolicy, build_wheel_layer, plan_wheels};
use mambox_oci::Compression;
use mambox_oci::codec::Compressors;
use mambox_testkit::{WheelBuilder, extract_map};

use common::wheels::{
    FakeCompiler, SITE, archive, build_wheel, build_wheels, full, python_lock, site_file, wheel_listing,
};
use common::{options, options_at};

fn tool() -> WheelBuilder {
    WheelBuilder::new("My.Tool", "1.0")
}

fn with_pyc() -> LayerOptions {
    LayerOptions { pyc: PycPolicy::UncheckedHash, ..options() }
}

#[test]
fn every_scheme_has_its_place() {
    insta::assert_snapshot!(wheel_listing(&full()), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/my_tool/
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 0 opt/conda/lib/python3.13/site-packages/my_tool/__init__.py
    -rwxrwxr-x 0:0 2023-11-14T22:13:20Z 10 opt/conda/lib/python3.13/site-packages/my_tool/run.sh
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/bin/
    -rwxrwxr-x 0:0 2023-11-14T22:13:20Z 36 opt/conda/bin/my-script
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/my-tool/
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 5 opt/conda/share/my-tool/words
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 12 opt/conda/lib/python3.13/site-packages/pure.py
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 0 opt/conda/lib/python3.13/site-packages/plat.py
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/include/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/include/python3.13/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/include/python3.13/My.Tool/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/include/python3.13/My.Tool/sub/
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 6 opt/conda/include/python3.13/My.Tool/sub/tool.h
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/licenses/
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 4 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/licenses/LICENSE
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 65 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/METADATA
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 85 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/WHEEL
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 99 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/entry_points.txt
    -rwxrwxr-x 0:0 2023-11-14T22:13:20Z 212 opt/conda/bin/my-tool
    -rwxrwxr-x 0:0 2023-11-14T22:13:20Z 225 opt/conda/bin/my-window
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 7 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/INSTALLER
    -rw-rw-r-- 0:0 2023-11-14T22:13:20Z 1146 opt/conda/lib/python3.13/site-packages/My_Tool-1.0.dist-info/RECORD
    ");
}

#[test]
fn the_record_lists_what_is_installed() {
    let built = build_wheel(&full().file("a,b.txt", "").file("my_tool/ü.txt", ""), &with_pyc());
    insta::assert_snapshot!(site_file(&built, "My_Tool-1.0.dist-info/RECORD"), @r#"
    ../../../bin/my-script,sha256=W_uP8lBWj1bCI0T5AMJKSkA_tc3RSdJkJrsQHpmLE5I,36
    ../../../bin/my-tool,sha256=9O4AXkh6o3YfVBARP-v9NTFRF0pngtyYSCee-1W_yj4,212
    ../../../bin/my-window,sha256=jRVCe_jxrjkWTTayBwbZoGJGouG3L6mVoQi_7llnSS4,225
    ../../../include/python3.13/My.Tool/sub/tool.h,sha256=4T4zK9COE8viruCU4TDtI4eLO1VL5bmmZag-Y8qph64,6
    ../../../share/my-tool/words,sha256=26Nr_6XKsPki0IejrrF5-dTnRd9AsyPhsUcUAoSMij4,5
    My_Tool-1.0.dist-info/INSTALLER,sha256=oED5PpFv6e8MHzSntPrsyxJ6RQ1_2hWHTKdRvtnRkG4,7
    My_Tool-1.0.dist-info/METADATA,sha256=JcvzH9f1B_SoxcC7VrStqkvf9pKOWscSfukc7S-DPR0,65
    My_Tool-1.0.dist-info/RECORD,,
    My_Tool-1.0.dist-info/WHEEL,sha256=nsIb-2vEk0T2mw4Aewj9E__vxHOpXRDyMHu217rd5gc,85
    My_Tool-1.0.dist-info/entry_points.txt,sha256=riMqFQPdomqYHAyKaTHczFyNa8XYYa8ylsJgKKDk-1k,99
    My_Tool-1.0.dist-info/licenses/LICENSE,sha256=rZXV-mUbqG2JI_4SONJKTxmIp1Ks_kJqxyrHwERxvBc,4
    __pycache__/plat.cpython-313.pyc,,
    __pycache__/pure.cpython-313.pyc,,
    "a,b.txt",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
    my_tool/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
    my_tool/__pycache__/__init__.cpython-313.pyc,,
    my_tool/run.sh,sha256=qAdtPSjSHgIBKyDq99v3VAmmJ3E0Q5Al8oLjaOMwWr8,10
    my_tool/ü.txt,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
    plat.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
    pure.py,sha256=D4jPCNP0ykRLKXP4IPAwSA6S90sxnAFb2PUJPBvUq5k,12
    "#);
    assert_eq!(site_file(&built, "My_Tool-1.0.dist-info/INSTALLER"), "mambox\n");
    let summary = &built.outputs[0].packages[0];
    assert_eq!((summary.files, summary.compiled), (19, 3), "all lines of RECORD but its own");
}

#[test]
fn scripts_are_run_by_the_environments_python() {
    let built = build_wheel(&full(), &options());
    let files = extract_map(&built.blobs[0]);
    let scripts =
        ["my-script", "my-tool", "my-window"].map(|name| files[&format!("opt/conda/bin/{name}")].text());
    insta::assert_snapshot!(scripts.join("---\n"), @r"
    #!/opt/conda/bin/python3.13
    print()
    ---
    #!/opt/conda/bin/python3.13
    # -*- coding: utf-8 -*-
    import re
    import sys

    from my_tool import main

    if __name__ == '__main__':
    	sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])
    	sys.exit(main())
    ---
    #!/opt/conda/bin/python3.13
    # -*- coding: utf-8 -*-
    import re
    import sys

    from my_tool.gui import Window

    if __name__ == '__main__':
    	sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])
    	sys.exit(Window.open())
    ");
}

#[test]
fn a_prefix_too_long_for_linux_takes_the_shell_for_a_detour() {
    let prefix = format!("/{}", "long".repeat(40));
    let built = build_wheel(&full(), &options_at(&prefix));
    let files = extract_map(&built.blobs[0]);
    for name in ["my-script", "my-tool"] {
        let text = files[&format!("{}/bin/{name}", &prefix[1..])].text();
        assert!(
            text.starts_with(&format!("#!/bin/sh\n'''exec' \"{prefix}/bin/python3.13\" \"$0\"")),
            "{text}"
        );
    }
}

#[test]
fn a_script_gives_way_to_an_entry_point_of_its_name() {
    let old = tool()
        .script("tool", "old")
        .script("tool.exe", "old")
        .script("tool-script.py", "old")
        .script("other", "stays")
        .data("bin/tool", "old")
        .entry_point("tool", "my_tool:main");
    let files = extract_map(&build_wheel(&old, &options()).blobs[0]);
    let scripts: Vec<&str> = files.keys().filter_map(|path| path.strip_prefix("opt/conda/bin/")).collect();
    assert_eq!(scripts, ["other", "tool"]);
    assert!(files["opt/conda/bin/tool"].text().contains("from my_tool import main"));
}

#[test]
fn what_only_installers_write_is_not_taken_from_the_wheel() {
    let wheel = ["INSTALLER", "REQUESTED", "direct_url.json", "RECORD.jws", "RECORD.p7s"]
        .iter()
        .fold(tool(), |wheel, name| wheel.info_file(name, "from the wheel"));
    let signature = |name: &str| tool().info(name);
    let wheel = wheel.unlisted(&signature("RECORD.jws")).unlisted(&signature("RECORD.p7s"));
    let built = build_wheel(&wheel, &options());
    let files = extract_map(&built.blobs[0]);
    let info: Vec<&str> = files
        .keys()
        .filter_map(|path| path.strip_prefix(&format!("{SITE}/My_Tool-1.0.dist-info/")))
        .collect();
    assert_eq!(info, ["INSTALLER", "METADATA", "RECORD", "WHEEL"]);
    assert_eq!(site_file(&built, "My_Tool-1.0.dist-info/INSTALLER"), "mambox\n");
}

#[test]
fn only_regular_files_with_an_x_are_executable() {
    let wheel = tool()
        .file("regular", "")
        .mode(0o100_711)
        .file("without-a-type", "")
        .mode(0o755)
        .file("without-a-mode", "")
        .mode(0)
        .in_scheme("scripts", "without-x", "");
    let files = extract_map(&build_wheel(&wheel, &options()).blobs[0]);
    let mode = |path: &str| files[path].mode;
    assert_eq!(mode(&format!("{SITE}/regular")), 0o775);
    assert_eq!(mode(&format!("{SITE}/without-a-type")), 0o664, "pip asks for the type as well");
    assert_eq!(mode(&format!("{SITE}/without-a-mode")), 0o664);
    assert_eq!(mode("opt/conda/bin/without-x"), 0o775, "scripts are");
}

#[test]
fn sources_below_site_packages_are_compiled() {
    let wheel = tool()
        .file("a.py", "x")
        .file("deep/er/b.py", "")
        .file("shipped.py", "")
        .file("__pycache__/shipped.cpython-313.pyc", "from the wheel")
        .file("blocked/c.py", "")
        .file("blocked/__pycache__", "a file")
        .file("template.py", "syntax error")
        .in_scheme("purelib", "pure.py", "")
        .script("script.py", "")
        .data("share/data.py", "");
    let built = build_wheel(&wheel, &with_pyc());
    let files = extract_map(&built.blobs[0]);
    let pyc: Vec<&str> = files
        .keys()
        .filter_map(|path| path.strip_prefix(&format!("{SITE}/")))
        .filter(|path| path.ends_with(".pyc"))
        .collect();
    insta::assert_snapshot!(pyc.join("\n"), @r"
    __pycache__/a.cpython-313.pyc
    __pycache__/pure.cpython-313.pyc
    __pycache__/shipped.cpython-313.pyc
    deep/er/__pycache__/b.cpython-313.pyc
    ");
    assert_eq!(site_file(&built, "__pycache__/shipped.cpython-313.pyc"), "from the wheel");
    assert_eq!(
        site_file(&built, "__pycache__/a.cpython-313.pyc"),
        format!("pyc of /{SITE}/a.py with 1 bytes")
    );
    let pyc = &files[&format!("{SITE}/__pycache__/a.cpython-313.pyc")];
    assert_eq!((pyc.mode, pyc.mtime), (0o664, files[&format!("{SITE}/a.py")].mtime));
    let told: Vec<&str> =
        built.outputs[0].packages[0].uncompiled.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(told, ["lib/python3.13/site-packages/template.py"]);
    assert!(build_wheel(&wheel, &options()).outputs[0].packages[0].compiled == 0, "only where it is wanted");
}

#[test]
fn policies_leave_files_out_of_layer_and_record() {
    let wheel = tool()
        .in_scheme("headers", "tool.h", "12345")
        .data("share/man/man1/tool.1", "123")
        .data("share/doc/tool/LICENSE", "stays")
        .file("tool/include/own.h", "stays");
    let options = LayerOptions { slim: "docs,headers".parse().unwrap(), ..options() };
    let built = build_wheel(&wheel, &options);
    let record = site_file(&built, "My_Tool-1.0.dist-info/RECORD");
    let paths: Vec<&str> = record.lines().filter_map(|line| line.split(',').next()).collect();
    insta::assert_snapshot!(paths.join("\n"), @r"
    ../../../share/doc/tool/LICENSE
    My_Tool-1.0.dist-info/INSTALLER
    My_Tool-1.0.dist-info/METADATA
    My_Tool-1.0.dist-info/RECORD
    My_Tool-1.0.dist-info/WHEEL
    tool/include/own.h
    ");
    let savings = &built.outputs[0].packages[0].left_out;
    let told: Vec<String> =
        savings.iter().map(|(policy, out)| format!("{policy} {} {}", out.files, out.bytes)).collect();
    assert_eq!(told, ["docs 1 3", "headers 1 5"]);
    for path in extract_map(&built.blobs[0]).keys() {
        assert!(!path.ends_with("tool.h") && !path.ends_with("tool.1"), "{path}");
    }
}

#[test]
fn of_two_wheels_with_one_path_the_last_by_name_wins() {
    let wheel = |name: &str| {
        WheelBuilder::new(name, "1.0").file("tests/__init__.py", name).file(&format!("{name}.py"), "")
    };
    // The order in which they are given does not matter, nor whether they share a layer.
    for max_layers in [1, 2] {
        let wheels = [wheel("beta").finish(), wheel("alpha").finish()];
        let options = LayerOptions { max_layers, ..with_pyc() };
        let built = build_wheels(&wheels, &options).unwrap();
        let tree = mambox_testkit::flatten(&built.blobs);
        assert_eq!(tree[&format!("{SITE}/tests/__init__.py")].text(), "beta");
        let conflicts: Vec<String> = built.conflicts.conflicts.iter().map(ToString::to_string).collect();
        assert_eq!(
            conflicts,
            [
                "lib/python3.13/site-packages/tests/__init__.py: the file of pypi:beta is taken, that of pypi:alpha left out"
            ]
        );
        let record =
            |name: &str| tree[&format!("{SITE}/{name}-1.0.dist-info/RECORD")].text().contains("tests/");
        assert_eq!((record("alpha"), record("beta")), (false, true));
    }
}

#[test]
fn threads_and_repetition_change_no_byte() {
    let words: String = (0..200_000u32).map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761))).collect();
    let wheel = full().file("my_tool/words.txt", words).finish();
    let options = LayerOptions { compression: Compression::ZSTD, ..with_pyc() };
    let plan = plan_wheels(&[common::wheels::wheel(&wheel)], &python_lock(), &options).unwrap();
    let compiler = FakeCompiler;
    let build = |helpers: Option<&Compressors>| {
        build_wheel_layer(&plan.layers()[0], &[archive(&wheel)], Some(&compiler), helpers, Vec::new())
            .unwrap()
    };
    let one = build(None);
    assert_eq!(build(None), one);
    for threads in [1, 3] {
        let helpers = Compressors::new(threads);
        assert_eq!(build(Some(&helpers)), one, "{threads} threads");
    }
    let folder = tempfile::tempdir().unwrap();
    let on_disk = mambox_layer::WheelArchive::at(wheel.write_to(folder.path()), &wheel.file_name);
    let again = build_wheel_layer(&plan.layers()[0], &[on_disk], Some(&compiler), None, Vec::new()).unwrap();
    assert_eq!(again, one, "from a file");
}

#[test]
fn metadata_are_told() {
    let metadata = archive(
        &tool()
            .requires_dist("rich>=10")
            .requires_dist("colour; extra == 'fast'")
            .requires_python(">=3.8")
            .metadata("Provides-Extra", "fast")
            .metadata("Summary", "one\n  and more")
            .entry_point("b", "my_tool:b")
            .entry_point("a", "my_tool:a")
            .finish(),
    )
    .metadata()
    .unwrap();
    insta::assert_debug_snapshot!(metadata, @r#"
    WheelMetadata {
        name: "My.Tool",
        version: "1.0",
        requires_dist: [
            "rich>=10",
            "colour; extra == 'fast'",
        ],
        requires_python: Some(
            ">=3.8",
        ),
        extras: [
            "fast",
        ],
        tags: [
            "py3-none-any",
        ],
        entry_points: [
            EntryPoint {
                command: "a",
                module: "my_tool",
                function: "a",
            },
            EntryPoint {
                command: "b",
                module: "my_tool",
                function: "b",
            },
        ],
        info: "My_Tool-1.0.dist-info",
        mtime: 1700000000,
    }
    "#);
}
