//! What a wheel says of itself: `WHEEL`, `METADATA` and `entry_points.txt` of its `.dist-info`.

use std::collections::BTreeSet;

use rattler_conda_types::package::EntryPoint;

use super::entry_points;
use super::members::Members;
use super::names::FileName;
use crate::error::Problem;
use crate::layer_tar::DIRECTORY_TIME;

/// Of METADATA, which holds the whole README.
const MAX_METADATA: u64 = 16 << 20;
/// Of WHEEL and entry_points.txt.
const MAX_SMALL: u64 = 1 << 20;
/// The one major version of the format there is.
const MAJOR: &str = "1";

/// A wheel's metadata (core metadata specification), as far as it decides how the wheel is installed.
#[derive(Debug, Clone)]
pub struct WheelMetadata {
    /// As METADATA writes it.
    pub name: String,
    /// As METADATA writes it.
    pub version: String,
    /// `Requires-Dist`, each a requirement (PEP 508).
    pub requires_dist: Vec<String>,
    /// `Requires-Python`, version specifiers (PEP 440).
    pub requires_python: Option<String>,
    /// `Provides-Extra`.
    pub extras: Vec<String>,
    /// `Tag` of WHEEL: `py3-none-any`, one for each combination.
    pub tags: Vec<String>,
    /// Console and GUI scripts, by name.
    pub entry_points: Vec<EntryPoint>,
    /// The name of the `.dist-info` folder.
    pub(crate) info: String,
    /// Time of WHEEL: files that are generated get it.
    pub(crate) mtime: u64,
}

pub(super) fn read(members: &mut Members, file_name: &str) -> Result<WheelMetadata, Problem> {
    let file_name = FileName::parse(file_name)?;
    let info = info_folder(members, &file_name)?;
    let mut text = |name: &str, most| {
        let bytes = members.read(&format!("{info}/{name}"), most)?;
        Ok::<_, Problem>(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    let wheel = text("WHEEL", MAX_SMALL)?.ok_or(Problem::Missing("WHEEL in its .dist-info folder"))?;
    let metadata =
        text("METADATA", MAX_METADATA)?.ok_or(Problem::Missing("METADATA in its .dist-info folder"))?;
    let entry_points = text("entry_points.txt", MAX_SMALL)?;
    let (wheel, metadata) = (headers(&wheel), headers(&metadata));
    check_version(&wheel)?;
    let name = one(&metadata, "METADATA", "Name")?;
    let version = one(&metadata, "METADATA", "Version")?;
    if !file_name.is(&name, &version) {
        return Err(misnamed(&file_name, &format!("METADATA means {name} {version}")));
    }
    let path = format!("{info}/WHEEL");
    let mtime = members.files.iter().find(|member| member.path == path).map(|member| member.mtime);
    Ok(WheelMetadata {
        name,
        version,
        requires_dist: all(&metadata, "Requires-Dist"),
        requires_python: all(&metadata, "Requires-Python").pop(),
        extras: all(&metadata, "Provides-Extra"),
        tags: all(&wheel, "Tag"),
        entry_points: entry_points.map(|text| entry_points::parse(&text)).transpose()?.unwrap_or_default(),
        info,
        mtime: mtime.unwrap_or(DIRECTORY_TIME),
    })
}

/// The one `.dist-info` folder, which must be that of the file name.
fn info_folder(members: &Members, file_name: &FileName<'_>) -> Result<String, Problem> {
    let tops = members.files.iter().map(|member| member.path.split('/').next().unwrap_or_default());
    let folders: BTreeSet<&str> = tops.filter(|top| top.ends_with(".dist-info")).collect();
    let mut folders = folders.into_iter();
    let folder = match (folders.next(), folders.next()) {
        (Some(folder), None) => folder,
        (None, _) => return Err(Problem::Missing(".dist-info folder, by which wheels tell what they are")),
        (Some(one), Some(other)) => {
            let why = format!("it holds the metadata of several distributions, {one} and {other}");
            return Err(Problem::NotWheel(mambox_link::printable(&why)));
        }
    };
    if !file_name.owns(folder.trim_end_matches(".dist-info")) {
        return Err(misnamed(file_name, &format!("its metadata are in {folder}")));
    }
    Ok(folder.to_owned())
}

fn misnamed(file_name: &FileName<'_>, truth: &str) -> Problem {
    let FileName { name, version } = file_name;
    Problem::NotWheel(format!("its file name says {name} {version}, but {}", mambox_link::printable(truth)))
}

fn check_version(wheel: &[(&str, String)]) -> Result<(), Problem> {
    let version = one(wheel, "WHEEL", "Wheel-Version")?;
    if version.split('.').next() == Some(MAJOR) {
        return Ok(());
    }
    let why = format!("version {version} of the format is unknown; this program reads version {MAJOR}");
    Err(Problem::Metadata { file: "WHEEL", why })
}

/// The header of a file in the form of e-mails: names and values, which may go on in indented lines.
fn headers(text: &str) -> Vec<(&str, String)> {
    let mut headers: Vec<(&str, String)> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                *value = format!("{value} {}", line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name, value.trim().to_owned()));
        }
    }
    headers
}

fn all(headers: &[(&str, String)], name: &str) -> Vec<String> {
    let named = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.clone()).collect()
}

fn one(headers: &[(&str, String)], file: &'static str, name: &str) -> Result<String, Problem> {
    let why = match all(headers, name).as_slice() {
        [value] if !value.is_empty() && !value.contains(char::is_control) => return Ok(value.clone()),
        [_] => format!("its {name} is empty or holds control characters"),
        [] => format!("it has no {name}"),
        _ => format!("it has more than one {name}"),
    };
    Err(Problem::Metadata { file, why })
}
