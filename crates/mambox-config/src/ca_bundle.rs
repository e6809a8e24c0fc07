//! Where certificate authorities are: section 3 of the reference, "TLS and auth".

use std::path::{Path, PathBuf};

/// Bundles of Debian and Alpine, Fedora and RHEL, SUSE, older RHEL, Alpine's own; the first that is there counts.
const USUAL: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The bundle that [`crate::SslVerify::System`] means: `ssl/cert.pem` of the prefix the executable lies in or of the root
/// prefix, else the system's. `None` where an image has no authorities; micromamba then stops with "No CA certificates
/// found on system, aborting".
pub fn ca_bundle(
    executable: &Path,
    root_prefix: Option<&Path>,
    exists: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let own = executable.parent().and_then(Path::parent);
    let of_prefixes = own.into_iter().chain(root_prefix).map(|prefix| prefix.join("ssl/cert.pem"));
    of_prefixes.chain(USUAL.iter().map(PathBuf::from)).find(|path| exists(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order() {
        let of = |there: &[&str]| {
            let exists = |path: &Path| there.iter().any(|known| path == Path::new(known));
            ca_bundle(Path::new("/opt/x/bin/micromamba"), Some(Path::new("/r")), &exists)
        };
        let all = ["/etc/pki/tls/certs/ca-bundle.crt", "/r/ssl/cert.pem", "/opt/x/ssl/cert.pem"];
        assert_eq!(of(&all).unwrap(), Path::new(all[2]));
        assert_eq!(of(&all[..2]).unwrap(), Path::new(all[1]));
        assert_eq!(of(&all[..1]).unwrap(), Path::new(all[0]));
        assert_eq!(of(&[]), None);
    }
}
