//! Where each path of a package goes, by the rules of every linker and one that only image layers have.

use std::collections::BTreeSet;

use mambox_link::{Contents, Python, Targets};

use crate::archive::PackageMetadata;
use crate::error::Problem;

/// Maps and checks all paths. `python` is needed for noarch python packages only.
pub(crate) fn targets<'a>(
    metadata: &'a PackageMetadata,
    python: Option<&Python>,
    masked: &BTreeSet<String>,
) -> Result<Targets<'a>, Problem> {
    let contents = Contents {
        paths: &metadata.paths.paths,
        entry_points: &metadata.entry_points,
        is_noarch_python: metadata.is_noarch_python(),
    };
    let targets = Targets::new(contents, python, masked)?;
    let files = targets.files.iter().flat_map(|target| [target.path, target.destination.as_str()]);
    let scripts = targets.entry_points.iter().flatten().map(String::as_str);
    files.chain(scripts).try_for_each(refuse_whiteout)?;
    Ok(targets)
}

/// Refuses a name by which image layers mean a deletion (image-spec, layer.md, "Whiteouts").
pub(crate) fn refuse_whiteout(path: &str) -> Result<(), Problem> {
    if path.split('/').any(|part| part.starts_with(".wh.")) {
        return Err(Problem::path(path, "would delete another file, since image layers mean that by .wh."));
    }
    Ok(())
}
