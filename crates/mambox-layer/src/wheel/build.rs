//! From a planned layer and its wheels to a blob.

use std::io::Write;

use mambox_oci::codec::Compressors;

use super::archive::WheelArchive;
use super::linker::{WheelContext, link};
use super::plan::PlannedWheels;
use crate::build::{LayerOutput, check_given, wanted};
use crate::error::LayerError;
use crate::layer_tar::LayerTar;
use crate::link::PackageSummary;
use crate::pipe;
use crate::pyc::Compile;

/// Builds a layer in one pass over its wheels, which come in the order of the layer's and whose hashes have been checked.
/// Where `helpers`, which several layers may share, are given, they compress as well; the bytes are the same.
///
/// # Errors
/// When a wheel is damaged or hostile or not what the plan says, `compiler` is missing or fails, or `sink` fails; `sink`
/// then holds garbage.
pub fn build_wheel_layer<W: Write + Send>(
    planned: &PlannedWheels,
    archives: &[WheelArchive],
    compiler: Option<&dyn Compile>,
    helpers: Option<&Compressors>,
    sink: W,
) -> Result<(W, LayerOutput), LayerError> {
    let expected: Vec<&str> = planned.wheels().iter().map(|one| one.wheel.file_name.as_str()).collect();
    check_given(&expected, archives.iter().map(WheelArchive::file_name))?;
    let compiler = wanted(planned.key().pyc, compiler, &expected)?;
    let (packages, sink, encoded) = pipe::encode(planned.compression(), helpers, sink, |writer| {
        let mut tar = LayerTar::new(writer, planned.prefix().relative());
        let packages = add_wheels(planned, archives, compiler, &mut tar)?;
        tar.finish().map_err(LayerError::Sink)?;
        Ok(packages)
    })?;
    Ok((sink, LayerOutput::new(&encoded, packages)))
}

fn add_wheels<W: Write>(
    planned: &PlannedWheels,
    archives: &[WheelArchive],
    compiler: Option<&dyn Compile>,
    tar: &mut LayerTar<W>,
) -> Result<Vec<PackageSummary>, LayerError> {
    let key = planned.key();
    let wheels = planned.wheels().iter().zip(&key.wheels).zip(archives);
    wheels
        .map(|((one, file), archive)| {
            let (prefix, python) = (planned.prefix(), &key.python);
            let context = WheelContext { prefix, python, masked: &file.masked, slim: key.slim, compiler };
            link(&context, &one.wheel, archive, tar).map_err(|fault| fault.of(archive.file_name()))
        })
        .collect()
}
