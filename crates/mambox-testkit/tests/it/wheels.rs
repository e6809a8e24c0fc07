//! Built wheels hold what the builder was told, and parse with a zip reader that is not ours.

use std::io::Read;

use insta::assert_snapshot;
use mambox_testkit::{BuiltWheel, WheelBuilder};

fn everything() -> WheelBuilder {
    WheelBuilder::new("My-Tool", "1.0")
        .tag("cp311-cp311-linux_x86_64")
        .file("my_tool/__init__.py", "")
        .file("a,b.txt", "comma")
        .executable("run", "x")
        .script("script", "#!python\n")
        .data("share/x", "data")
        .entry_point("tool", "my_tool:main")
        .gui_entry_point("window", "my_tool:gui")
        .requires_dist("rich>=10")
        .requires_python(">=3.8")
}

/// Modes, names and sizes of the members, and the text of one.
fn members(wheel: &BuiltWheel, wanted: &str) -> (String, String) {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&wheel.bytes)).expect("a zip");
    let (mut listing, mut text) = (String::new(), String::new());
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).expect("a member");
        let name = member.name().expect("a name").into_owned();
        let mode = member.external_attributes() >> 16;
        let time = member.last_modified().expect("a time");
        listing += &format!("{mode:o} {time} {} {name}\n", member.size());
        if name == wanted {
            member.read_to_string(&mut text).expect("readable");
        }
    }
    (listing, text)
}

#[test]
fn members_and_record_are_as_told() {
    let wheel = everything().finish();
    assert_eq!(wheel.file_name, "My_Tool-1.0-cp311-cp311-linux_x86_64.whl");
    let (listing, record) = members(&wheel, "My_Tool-1.0.dist-info/RECORD");
    assert_snapshot!(listing, @r"
    100644 2023-11-14 22:13:20 0 my_tool/__init__.py
    100644 2023-11-14 22:13:20 5 a,b.txt
    100755 2023-11-14 22:13:20 1 run
    100755 2023-11-14 22:13:20 9 My_Tool-1.0.data/scripts/script
    100644 2023-11-14 22:13:20 4 My_Tool-1.0.data/data/share/x
    100644 2023-11-14 22:13:20 112 My_Tool-1.0.dist-info/METADATA
    100644 2023-11-14 22:13:20 98 My_Tool-1.0.dist-info/WHEEL
    100644 2023-11-14 22:13:20 74 My_Tool-1.0.dist-info/entry_points.txt
    100644 2023-11-14 22:13:20 653 My_Tool-1.0.dist-info/RECORD
    ");
    assert_snapshot!(record, @r#"
    my_tool/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
    "a,b.txt",sha256=82pOWGcFaRgVlTmb7sN-IsPbotjSq9GRuGYCoWwjKJw,5
    run,sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1
    My_Tool-1.0.data/scripts/script,sha256=NKJyCC0fONcaYytG9mysca37TZf8wBDISvRNAW-78pQ,9
    My_Tool-1.0.data/data/share/x,sha256=Om6weQ85rIfJTzhWst0sXREOaBFgImGpqSPTuyOtyLc,4
    My_Tool-1.0.dist-info/METADATA,sha256=A8avPs0xOKUrhJY6T4cZp7RIs192Z-SqtBximMvOQkY,112
    My_Tool-1.0.dist-info/WHEEL,sha256=gvHb7UcUPY5yL05HZyijWqiYTg4scRpPCxLtRw2G36M,98
    My_Tool-1.0.dist-info/entry_points.txt,sha256=-sUkkjCiVp2WlJ7es6i7uwbSGCKPw7o9K0HTJEeLF8I,74
    My_Tool-1.0.dist-info/RECORD,,
    "#);
    let (_, metadata) = members(&wheel, "My_Tool-1.0.dist-info/METADATA");
    assert_snapshot!(metadata, @r"
    Metadata-Version: 2.1
    Name: My-Tool
    Version: 1.0
    Requires-Dist: rich>=10
    Requires-Python: >=3.8

    About My-Tool.
    ");
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    assert_eq!(everything().finish().sha256, everything().finish().sha256);
    assert_ne!(
        everything().stored().file("x", "").finish().sha256,
        everything().file("x", "").finish().sha256
    );
}

#[test]
fn lies_are_told() {
    let wheel = everything().lie_hash("run", "md5=x").unlisted("a,b.txt").absent("gone").finish();
    let (_, record) = members(&wheel, "My_Tool-1.0.dist-info/RECORD");
    assert!(record.contains("run,md5=x,1\n") && record.contains("gone,sha256=") && !record.contains("comma"));
    assert!(!record.contains("a,b.txt"), "{record}");
    let cut = everything().duplicate("run").finish();
    assert!(zip::ZipArchive::new(std::io::Cursor::new(&cut.bytes)).expect("a zip").has_duplicate_names());
}
