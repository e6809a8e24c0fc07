//! Words of the command line and of `mambox.toml` as values.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use mambox_build::CopySpec;
use mambox_oci::Platform;

/// `linux/amd64` as OCI writes it, or `linux-64` as conda does.
pub(crate) fn platform(text: &str) -> Result<Platform, String> {
    if let Some(platform) = text.parse().ok().and_then(mambox_build::platform) {
        return Ok(platform);
    }
    if text.starts_with("osx-") || text.starts_with("win-") {
        return Err("images are made for Linux; use linux/amd64 or linux/arm64".into());
    }
    match text.parse::<Platform>() {
        Ok(platform) if platform.os == "linux" => Ok(platform),
        Ok(platform) => Err(format!("images are made for Linux, not for {}", platform.os)),
        Err(_) => Err("write linux/amd64 or linux/arm64, or conda's linux-64 or linux-aarch64".into()),
    }
}

/// The platform of this machine's processor.
pub(crate) fn platform_of_machine() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86" => "386",
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        "loongarch64" => "loong64",
        "arm" => return Platform { variant: Some("v7".into()), ..Platform::linux("arm") },
        other => other,
    };
    Platform::linux(architecture)
}

/// What happens to a package that several channels offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Priority {
    /// The first channel that has the package's name serves it
    Strict,
    /// The first channel that has a fitting version serves it
    Flexible,
    /// Versions count before channels
    Disabled,
}

/// How an environment becomes active
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Activation {
    /// activate.d scripts run once, now, in a sandbox; what they set is in the image's Env
    Captured,
    /// activate.d scripts run at each start, by the image's entrypoint
    Entrypoint,
    /// Nothing is activated, neither PATH nor any other variable
    None,
}

impl From<Activation> for mambox_build::ActivationMode {
    fn from(how: Activation) -> Self {
        match how {
            Activation::Captured => Self::Captured,
            Activation::Entrypoint => Self::Entrypoint,
            Activation::None => Self::None,
        }
    }
}

/// Whether something is done
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    /// It is, where that is possible
    On,
    /// It is not
    Off,
}

impl From<Switch> for mambox_build::PycRequest {
    fn from(switch: Switch) -> Self {
        match switch {
            Switch::On => Self::On,
            Switch::Off => Self::Off,
        }
    }
}

/// What becomes of link scripts
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LinkScripts {
    /// They run in a sandbox without network; what they change is a layer of its own
    Run,
    /// They are left out, with a warning
    Skip,
    /// A package that has one fails the build
    Fail,
}

impl From<LinkScripts> for mambox_build::LinkScripts {
    fn from(policy: LinkScripts) -> Self {
        match policy {
            LinkScripts::Run => Self::Run,
            LinkScripts::Skip => Self::Skip,
            LinkScripts::Fail => Self::Fail,
        }
    }
}

impl From<Priority> for mambox_resolve::ChannelPriority {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Strict => Self::Strict,
            Priority::Flexible => Self::Flexible,
            Priority::Disabled => Self::Disabled,
        }
    }
}

/// `NAME=FILE` of an environment; the name becomes a folder and a variable's value.
pub(crate) fn named_environment(text: &str) -> Result<(String, String), String> {
    let (name, file) = text.split_once('=').ok_or("write NAME=FILE, as in web=web.yml")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.starts_with(['.', '-']) || !name.chars().all(plain) {
        return Err(format!("the name '{name}' must consist of letters, digits, '_', '-' and '.'"));
    }
    if file.is_empty() {
        return Err(format!("no file is named for '{name}'"));
    }
    Ok((name.into(), file.into()))
}

/// `KEY=VALUE`; the value may be empty.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".into()),
    }
}

/// Words of an entrypoint or a command: a JSON array, or a line split as a shell would (no shell runs it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Vec<String>);

impl FromStr for Words {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('[') {
            return serde_json::from_str(text)
                .map(Self)
                .map_err(|_| "it begins with [ but is no JSON array of strings".into());
        }
        shlex::split(text).map(Self).ok_or_else(|| "a quote or backslash at its end is left open".into())
    }
}

/// `SRC:DST` where DST is absolute; SRC may hold colons.
pub(crate) fn copy_spec(text: &str) -> Result<CopySpec, String> {
    match text.rfind(":/") {
        Some(at) if at > 0 => {
            Ok(CopySpec { source: PathBuf::from(&text[..at]), destination: text[at + 1..].to_owned() })
        }
        _ => Err("write SRC:DST, where DST is an absolute path in the image".into()),
    }
}

/// A time span: `90s`, `45m`, `12h`, `30d`, `4w`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let invalid = || "write a number and s, m, h, d or w, such as 30d".to_owned();
    let (number, unit) = split_number(text).ok_or_else(invalid)?;
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        "w" => 7.0 * 86400.0,
        _ => return Err(invalid()),
    };
    Duration::try_from_secs_f64(number * seconds).map_err(|_| invalid())
}

/// A number of bytes: `500MB`, `10GB`, `2GiB`, `0`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let invalid =
        || "write a number and B, kB, MB, GB or TB (or KiB, MiB, GiB, TiB), such as 10GB".to_owned();
    let (number, unit) = split_number(text).ok_or_else(invalid)?;
    let factor: f64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(invalid()),
    };
    let bytes = number * factor;
    // Beyond that, a float counts no bytes any more; no disk does either.
    if bytes < 9e15 { Ok(bytes as u64) } else { Err("that is more than any disk holds".into()) }
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    Some((number, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_understood_in_both_spellings() {
        for (text, oci) in [
            ("linux/amd64", "linux/amd64"),
            ("linux-64", "linux/amd64"),
            ("linux-aarch64", "linux/arm64"),
            ("linux-armv7l", "linux/arm/v7"),
            ("linux/arm64/v8", "linux/arm64/v8"),
        ] {
            assert_eq!(platform(text).unwrap().to_string(), oci);
        }
        for bad in ["", "osx-arm64", "win-64", "windows/amd64", "amd64", "linux-65"] {
            assert!(platform(bad).is_err(), "{bad}");
        }
        assert_eq!(platform_of_machine().os, "linux");
    }

    #[test]
    fn words_are_json_or_split_like_a_shell() {
        let words = |text: &str| text.parse::<Words>().map(|w| w.0.join("|"));
        assert_eq!(words(r#"["python", "-m", "a b"]"#).unwrap(), "python|-m|a b");
        assert_eq!(words("python -c 'import x; x.y()'").unwrap(), "python|-c|import x; x.y()");
        assert_eq!(words("").unwrap(), "");
        assert!(words("[1]").is_err());
        assert!(words("[ -f x ]").is_err());
        assert!(words("a 'b").is_err());
    }

    #[test]
    fn a_copy_names_an_absolute_destination() {
        let copy = copy_spec("a:b/c:/app/").unwrap();
        assert_eq!((copy.source.to_str().unwrap(), copy.destination.as_str()), ("a:b/c", "/app/"));
        for bad in ["", "a", "a:b", ":/b", "/a"] {
            assert!(copy_spec(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ages_and_sizes_have_units() {
        assert_eq!(age("30d").unwrap(), Duration::from_secs(30 * 86400));
        assert_eq!(age("1.5h").unwrap(), Duration::from_secs(5400));
        assert_eq!(size("10GB").unwrap(), 10_000_000_000);
        assert_eq!(size("1 GiB").unwrap(), 1 << 30);
        assert_eq!(size("0").unwrap(), 0);
        for bad in ["", "30", "d", "-1d", "1y", "999999999999999999999999w"] {
            assert!(age(bad).is_err(), "{bad}");
        }
        for bad in ["", "GB", "1XB", "-1", "1.2.3", "99999999999TB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pairs_have_a_key() {
        assert_eq!(key_value("A=b=c").unwrap(), ("A".into(), "b=c".into()));
        assert_eq!(key_value("A=").unwrap().1, "");
        assert!(key_value("=b").is_err());
        assert!(key_value("A").is_err());
    }
}
