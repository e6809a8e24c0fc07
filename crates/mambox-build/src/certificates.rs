//! Certificate authorities for bases that have none: Mozilla's, as the `webpki-root-certs` crate carries them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Where Debian, Alpine and most programs look; Go, OpenSSL builds and curl know the path.
pub const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// Places where other families keep theirs. A base that has one of them gets nothing from us.
pub(crate) const KNOWN: [&str; 4] =
    [BUNDLE, "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem", "etc/ssl/cert.pem"];

/// The bundle as PEM (RFC 7468), in the crate's order.
pub fn bundle() -> String {
    let mut pem = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        let text = STANDARD.encode(certificate);
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|&byte| char::from(byte)));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_pem() {
        let pem = bundle();
        let certificates = pem.matches("-----BEGIN CERTIFICATE-----\n").count();
        assert!(certificates > 50, "{certificates}");
        assert!(pem.lines().all(|line| line.len() <= 64));
        assert_eq!(pem.matches("-----END CERTIFICATE-----\n").count(), certificates);
    }
}
