//! micromamba out of a conda channel's package, for families that want upstream's.

use mambox_build::{Context, subdir};
use mambox_env::{EnvSpec, ExplicitPackage, parse_match_spec};
use mambox_layer::Archive;
use mambox_oci::{Digest, Platform};
use mambox_resolve::Resolver;
use rattler_conda_types::RepoDataRecord;
use url::Url;

use crate::error::ImagesError;
use crate::family::Micromamba;
use crate::lock::Programs;

/// Where the package has the program.
const PROGRAM: &str = "bin/micromamba";
/// The largest program that is taken for one.
const MAX_PROGRAM: u64 = 64 << 20;

/// Looks the package of the family's version up: its address and sha256. Of several builds the highest counts.
pub(crate) async fn look_up(
    micromamba: &Micromamba,
    channel: &str,
    platform: &Platform,
    context: &Context,
) -> Result<(Url, Digest), ImagesError> {
    let wrong = |problem: String| ImagesError::Package { platform: platform.clone(), problem };
    let resolver = resolver(context).map_err(wrong)?;
    let spec = parse_match_spec("micromamba", "images.toml").map_err(|e| wrong(e.to_string()))?;
    let spec = EnvSpec { channels: vec![channel.into()], specs: vec![spec], ..EnvSpec::default() };
    let records = resolver.records(&spec, subdir(platform)?, false, context.on()).await;
    let records = records.map_err(|e| wrong(e.to_string()))?;
    let fits = |record: &&RepoDataRecord| {
        let package = &record.package_record;
        package.name.as_normalized() == "micromamba" && package.version.to_string() == micromamba.version
    };
    let newest = records.iter().filter(fits).max_by_key(|record| record.package_record.build_number);
    let missing = || wrong(format!("the channel {channel} has no micromamba {}", micromamba.version));
    let record = newest.ok_or_else(missing)?;
    let sha256 = record.package_record.sha256;
    let sha256 = sha256.ok_or_else(|| wrong(format!("{} has no sha256 in its channel", record.url)))?;
    Ok((record.url.clone(), Digest::from_bytes(sha256.into())))
}

/// The program out of the package that the lock pins.
pub(crate) async fn program(
    programs: &Programs,
    url: &str,
    platform: &Platform,
    context: &Context,
) -> Result<Vec<u8>, ImagesError> {
    let wrong = |problem: String| ImagesError::Package { platform: platform.clone(), problem };
    let resolver = resolver(context).map_err(wrong)?;
    let url = Url::parse(url).map_err(|e| wrong(format!("images.lock: {url}: {e}")))?;
    let sha256 = rattler_digest::parse_digest_from_hex::<rattler_digest::Sha256>(&programs.micromamba.hex());
    let package = ExplicitPackage { url, md5: None, sha256 };
    let lock = resolver.explicit(&[package], subdir(platform)?, context.on()).await;
    let lock = lock.map_err(|e| wrong(e.to_string()))?;
    let fetched = resolver.fetch(&lock, context.on()).await.map_err(|e| wrong(e.to_string()))?;
    let package = fetched.first().ok_or_else(|| wrong("it was not fetched".into()))?;
    let archive = Archive::at(&package.path, &package.locked.file_name);
    let bytes =
        archive.and_then(|archive| archive.file(PROGRAM, MAX_PROGRAM)).map_err(|e| wrong(e.to_string()))?;
    bytes.ok_or_else(|| wrong(format!("the package has no {PROGRAM}")))
}

fn resolver(context: &Context) -> Result<Resolver, String> {
    Resolver::new(context.resolve.clone(), context.on()).map_err(|error| error.to_string())
}
