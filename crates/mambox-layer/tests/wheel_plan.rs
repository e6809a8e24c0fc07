//! Plans of wheels, their keys, and what they do to the packages below.

mod common;

use mambox_layer::{
    Archive, Claims, Conflicts, LayerKey, LayerOptions, Prefix, PycPolicy, Wheel, WheelKey, plan, plan_wheels,
};
use mambox_oci::{Compression, Digest};
use mambox_testkit::{BuiltPackage, PackageBuilder, WheelBuilder};

use common::wheels::{archive, python_lock, wheel};
use common::{lock, options};

fn planned(name: &str, size: u64) -> Wheel {
    Wheel {
        name: name.to_owned(),
        version: "1.0".to_owned(),
        file_name: format!("{name}-1.0-py3-none-any.whl"),
        sha256: Digest::of(name.as_bytes()),
        size,
    }
}

#[test]
fn wheels_are_grouped_as_packages_are() {
    let mut wheels: Vec<Wheel> = (0..7).map(|n| planned(&format!("small{n}"), 10 + n)).collect();
    wheels.extend([planned("huge", 1 << 30), planned("certifi", 1 << 29), planned("large", 1 << 20)]);
    let told = |wheels: &[Wheel], max_layers| {
        let options = LayerOptions { max_layers, ..options() };
        let plan = plan_wheels(wheels, &python_lock(), &options).unwrap();
        let layers: Vec<String> = plan
            .layers()
            .iter()
            .map(|layer| {
                let wheels = layer.wheels().iter();
                let names: Vec<String> =
                    wheels.map(|one| format!("{} ({})", one.wheel.name, one.reason)).collect();
                format!("{}: {}", layer.archive_size(), names.join(", "))
            })
            .collect();
        layers.join("\n")
    };
    let four = told(&wheels, 4);
    insta::assert_snapshot!(four, @r"
    1073741824: huge (a layer of its own, as its 1073741824 bytes are among the 3 largest packages; larger ones lie below)
    1048576: large (a layer of its own, as its 1048576 bytes are among the 3 largest packages; larger ones lie below)
    536870912: certifi (a layer of its own, as its 536870912 bytes are among the 3 largest packages; above others, as it is released often)
    91: small0 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package), small1 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package), small2 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package), small3 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package), small4 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package), small5 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package), small6 (shared layer 1 of 1, chosen by the hash of its name; a change moves no other package)
    ");
    wheels.reverse();
    assert_eq!(told(&wheels, 4), four, "the order of a request does not matter");
    insta::assert_snapshot!(told(&wheels[..3], 4), @r"
    1073741824: huge (a layer of its own, as 3 packages fit into 4 layers; larger ones lie below)
    1048576: large (a layer of its own, as 3 packages fit into 4 layers; larger ones lie below)
    536870912: certifi (a layer of its own, as 3 packages fit into 4 layers; above others, as it is released often)
    ");
}

#[test]
fn the_key_is_all_that_decides() {
    let lock = python_lock();
    let key = |options: &LayerOptions| {
        plan_wheels(&[planned("rich", 10)], &lock, options).unwrap().layers()[0].key().clone()
    };
    let off = key(&options());
    insta::assert_snapshot!(String::from_utf8(off.to_json()).unwrap(), @r#"{"format":1,"wheels":[{"file_name":"rich-1.0-py3-none-any.whl","sha256":"sha256:7baa68f2418ba82d2545a780c00d7a8778249bbcdaf7369114534874ea6d3bd6","masked":[]}],"prefix":"/opt/conda","python":{"version":"3.13","site_packages":"lib/python3.13/site-packages"},"pyc":"off","slim":[],"codec":"none"}"#);
    assert_eq!(serde_json::from_slice::<WheelKey>(&off.to_json()).unwrap(), off);
    assert!(
        serde_json::from_slice::<LayerKey>(&off.to_json()).is_err(),
        "no key of packages is one of wheels"
    );
    let on = key(&LayerOptions { pyc: PycPolicy::UncheckedHash, ..options() });
    assert_eq!(
        on.compiler.as_deref(),
        Some("sha256:0707070707070707070707070707070707070707070707070707070707070707")
    );
    let others = [
        on,
        key(&LayerOptions { prefix: Prefix::new("/env").unwrap(), ..options() }),
        key(&LayerOptions { slim: "docs".parse().unwrap(), ..options() }),
        key(&LayerOptions { compression: Compression::ZSTD, ..options() }),
    ];
    for other in others {
        assert_ne!(other.digest(), off.digest(), "{other:?}");
    }
}

#[test]
fn plans_that_cannot_be() {
    let twice =
        [planned("rich", 1), Wheel { file_name: "rich-2.0-py3-none-any.whl".into(), ..planned("rich", 1) }];
    let without_python = lock(&[PackageBuilder::new("zlib", "1.0").build()]);
    let told = [
        plan_wheels(&twice, &python_lock(), &options()),
        plan_wheels(&twice[..1], &without_python, &options()),
        plan_wheels(&twice[..1], &python_lock(), &LayerOptions { max_layers: 0, ..options() }),
    ]
    .map(|plan| plan.unwrap_err().to_string());
    insta::assert_snapshot!(told.join("\n"), @r"
    package rich-2.0-py3-none-any.whl: is no wheel that can be installed: rich-1.0-py3-none-any.whl is of the same distribution; an environment takes one of them
    rich-1.0-py3-none-any.whl is a wheel, but the environment has no python; add python to the environment
    at least one layer is needed for the environment's packages, but max_layers is 0
    ");
    assert!(
        plan_wheels(&[], &without_python, &options()).unwrap().layers().is_empty(),
        "no wheels need nothing"
    );
}

/// An environment whose conda package `numpy` a wheel replaces.
fn packages() -> [BuiltPackage; 3] {
    let site = "lib/python3.13/site-packages";
    let numpy = PackageBuilder::new("numpy", "1.0")
        .depends("python")
        .file(&format!("{site}/numpy/__init__.py"), "conda")
        .file(&format!("{site}/numpy/__pycache__/__init__.cpython-313.pyc"), "conda")
        .file(&format!("{site}/numpy/old.py"), "conda")
        .file(&format!("{site}/numpy-1.0.dist-info/METADATA"), "")
        .file(&format!("{site}/numpy-1.0.dist-info/RECORD"), "")
        .file("lib/libnumpy.so", "");
    let tool = PackageBuilder::new("tool", "1.0")
        .noarch_python()
        .depends("numpy")
        .site_package("numpy/tool.py", "")
        .dist_info();
    [PackageBuilder::python_interpreter("3.13.5", "").build(), numpy.build(), tool.build()]
}

fn claims(
    packages: &[BuiltPackage],
    wheels: &[Wheel],
    archives: &[mambox_layer::WheelArchive],
) -> Vec<Claims> {
    let plan = plan(&lock(packages), &options()).expect("a plan");
    let python = plan.python();
    let of_packages = plan.packages().map(|locked| {
        let package =
            packages.iter().find(|package| package.file_name == locked.file_name).expect("it is there");
        let archive = Archive::from_bytes(&package.file_name, package.bytes.clone()).expect("a package");
        Claims::read(locked, &archive, python).expect("it is honest")
    });
    let of_wheels = wheels.iter().zip(archives).map(|(wheel, archive)| {
        Claims::of_wheel(wheel, archive, python.expect("python is there")).expect("it is honest")
    });
    // Wheels first: what counts is what they are, not where they stand.
    of_wheels.chain(of_packages).collect()
}

fn told(conflicts: &Conflicts) -> String {
    conflicts.conflicts.iter().map(|conflict| format!("{conflict}\n")).collect()
}

#[test]
fn a_wheel_wins_over_every_package() {
    let packages = packages();
    let numpy = WheelBuilder::new("numpy", "2.0")
        .file("numpy/__init__.py", "wheel")
        .file("numpy/tool.py", "wheel")
        .finish();
    let claims = claims(&packages, &[wheel(&numpy)], &[archive(&numpy)]);
    let lock = lock(&packages);
    let conflicts = Conflicts::find(lock.packages(), &claims);
    insta::assert_snapshot!(told(&conflicts), @r"
    lib/python3.13/site-packages/numpy/__init__.py: the file of pypi:numpy is taken, that of numpy left out
    lib/python3.13/site-packages/numpy/tool.py: the file of pypi:numpy is taken, that of tool left out
    ");
    let names: Vec<String> = claims
        .iter()
        .map(|claims| format!("{}: {:?}", claims.package(), claims.distributions().collect::<Vec<_>>()))
        .collect();
    insta::assert_snapshot!(names.join("\n"), @r#"
    pypi:numpy: [("numpy", "2.0")]
    numpy: [("numpy", "1.0")]
    python: []
    tool: [("tool", "1.0")]
    "#);
    let options = LayerOptions { pyc: PycPolicy::UncheckedHash, ..options() };
    let wheels = plan_wheels(&[wheel(&numpy)], &lock, &options).unwrap().with_conflicts(&conflicts);
    let masked: Vec<&str> = wheels.layers()[0].key().wheels[0].masked.iter().map(String::as_str).collect();
    assert_eq!(
        masked,
        ["lib/python3.13/site-packages/numpy/__pycache__/__init__.cpython-313.pyc"],
        "the package's stays, so it is not made"
    );
}

#[test]
fn a_package_whose_distribution_a_wheel_replaces_can_leave_out_its_files() {
    let packages = packages();
    let numpy = WheelBuilder::new("numpy", "2.0").file("numpy/__init__.py", "wheel").finish();
    let mut claims = claims(&packages, &[wheel(&numpy)], &[archive(&numpy)]);
    let replaced = claims.iter_mut().find(|claims| claims.package() == "numpy").unwrap();
    assert!(!replaced.is_wheel() && replaced.distributions().any(|(name, _)| name == "numpy"));
    let site: Vec<String> = replaced.site_paths().map(str::to_owned).collect();
    assert_eq!(site.len(), 5);
    replaced.leave_out(|path| site.iter().any(|site| site == path));
    let lock = lock(&packages);
    let conflicts = Conflicts::find(lock.packages(), &claims);
    assert_eq!(told(&conflicts), "", "nobody quarrels about what is left out");
    assert_eq!(
        conflicts.masked("numpy").iter().collect::<Vec<_>>(),
        site.iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    let options = LayerOptions { pyc: PycPolicy::UncheckedHash, ..options() };
    let wheels = plan_wheels(&[wheel(&numpy)], &lock, &options).unwrap().with_conflicts(&conflicts);
    assert!(
        wheels.layers()[0].key().wheels[0].masked.is_empty(),
        "its bytecode is made, as the package's is gone"
    );
}

#[test]
fn the_key_of_conflicts_follows_the_wheels() {
    let key = |wheels: &[Wheel]| plan_wheels(wheels, &python_lock(), &options()).unwrap().conflicts_key();
    let (a, b) = (planned("a", 1), planned("b", 2));
    assert_eq!(key(&[a.clone(), b.clone()]), key(&[b.clone(), a.clone()]));
    assert_ne!(key(std::slice::from_ref(&a)), key(&[a.clone(), b]));
    assert_ne!(key(std::slice::from_ref(&a)), key(&[Wheel { sha256: Digest::of(b"other"), ..a }]));
}
