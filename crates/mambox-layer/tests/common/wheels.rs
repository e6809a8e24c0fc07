//! Wheels in, layers out.

use mambox_env::Lock;
use mambox_layer::{
    Claims, Compile, CompileError, Conflicts, LayerError, LayerOptions, LayerOutput, PySource, Wheel,
    WheelArchive, WheelPlan, build_wheel_layer, plan_wheels,
};
use mambox_oci::Digest;
use mambox_testkit::{BuiltWheel, PackageBuilder, WheelBuilder};

use super::{lock, options};

pub(crate) const SITE: &str = "opt/conda/lib/python3.13/site-packages";

/// Layers of wheels that were built.
pub(crate) struct BuiltWheels {
    pub(crate) plan: WheelPlan,
    pub(crate) conflicts: Conflicts,
    pub(crate) outputs: Vec<LayerOutput>,
    /// From the bottom to the top.
    pub(crate) blobs: Vec<Vec<u8>>,
}

/// Makes a text that names the source; what says `syntax error` does not compile.
pub(crate) struct FakeCompiler;

impl Compile for FakeCompiler {
    fn compile(&self, sources: &[PySource]) -> Result<Vec<Result<Vec<u8>, String>>, CompileError> {
        let compile = |source: &PySource| match source.text.as_slice() {
            text if text.starts_with(b"syntax error") => Err("invalid syntax".to_owned()),
            text => Ok(format!("pyc of {} with {} bytes", source.path, text.len()).into_bytes()),
        };
        Ok(sources.iter().map(compile).collect())
    }
}

pub(crate) fn wheel(built: &BuiltWheel) -> Wheel {
    Wheel {
        name: built.name.clone(),
        version: built.version.clone(),
        file_name: built.file_name.clone(),
        sha256: Digest::of(&built.bytes),
        size: built.bytes.len() as u64,
    }
}

pub(crate) fn archive(built: &BuiltWheel) -> WheelArchive {
    WheelArchive::from_bytes(&built.file_name, built.bytes.clone())
}

/// An environment of nothing but python.
pub(crate) fn python_lock() -> Lock {
    lock(&[PackageBuilder::python_interpreter("3.13.5", "").build()])
}

/// Builds the layers of wheels above an environment of python 3.13.
pub(crate) fn build_wheels(wheels: &[BuiltWheel], options: &LayerOptions) -> Result<BuiltWheels, LayerError> {
    let wheels: Vec<(Wheel, WheelArchive)> =
        wheels.iter().map(|built| (wheel(built), archive(built))).collect();
    build_wheels_on(&python_lock(), &wheels, options)
}

/// Builds the layers of wheels above a lock's packages.
pub(crate) fn build_wheels_on(
    lock: &Lock,
    wheels: &[(Wheel, WheelArchive)],
    options: &LayerOptions,
) -> Result<BuiltWheels, LayerError> {
    let planned: Vec<Wheel> = wheels.iter().map(|(wheel, _)| wheel.clone()).collect();
    let plan = plan_wheels(&planned, lock, options)?;
    let find = |wheel: &Wheel| {
        let (_, archive) = wheels.iter().find(|(other, _)| other == wheel).expect("the wheel was given");
        archive.clone()
    };
    let python = plan.python().expect("python is in the lock");
    let claims = plan.wheels().map(|wheel| Claims::of_wheel(wheel, &find(wheel), python));
    let claims: Vec<Claims> = claims.collect::<Result<_, _>>()?;
    let conflicts = Conflicts::find(lock.packages(), &claims);
    let plan = plan.with_conflicts(&conflicts);
    let (mut outputs, mut blobs) = (Vec::new(), Vec::new());
    for layer in plan.layers() {
        let archives: Vec<WheelArchive> = layer.wheels().iter().map(|planned| find(&planned.wheel)).collect();
        let (blob, output) = build_wheel_layer(layer, &archives, Some(&FakeCompiler), None, Vec::new())?;
        outputs.push(output);
        blobs.push(blob);
    }
    Ok(BuiltWheels { plan, conflicts, outputs, blobs })
}

/// One wheel alone.
pub(crate) fn build_wheel(wheel: &WheelBuilder, options: &LayerOptions) -> BuiltWheels {
    build_wheels(&[wheel.finish()], options).expect("the wheel is honest")
}

/// The layer of one wheel, without the environment's own folders.
pub(crate) fn wheel_listing(wheel: &WheelBuilder) -> String {
    mambox_testkit::listing(&build_wheel(wheel, &options()).blobs[0])
}

/// The message with which a wheel is refused.
pub(crate) fn wheel_refusal(wheel: &BuiltWheel) -> Option<String> {
    build_wheels(std::slice::from_ref(wheel), &options()).err().map(|error| error.to_string())
}

/// A file of the one wheel's layer, by its path in site-packages.
pub(crate) fn site_file(built: &BuiltWheels, path: &str) -> String {
    mambox_testkit::extract_map(&built.blobs[0])[&format!("{SITE}/{path}")].text().to_owned()
}

/// A wheel of everything.
pub(crate) fn full() -> WheelBuilder {
    WheelBuilder::new("My.Tool", "1.0")
        .file("my_tool/__init__.py", "")
        .executable("my_tool/run.sh", "#!/bin/sh\n")
        .script("my-script", "#!python\nprint()\n")
        .data("share/my-tool/words", "words")
        .in_scheme("purelib", "pure.py", "pure = True\n")
        .in_scheme("platlib", "plat.py", "")
        .in_scheme("headers", "sub/tool.h", "int x;")
        .info_file("licenses/LICENSE", "free")
        .entry_point("my-tool", "my_tool:main [fast]")
        .gui_entry_point("my-window", "my_tool.gui:Window.open")
}
