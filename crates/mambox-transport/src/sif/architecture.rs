//! SIF's numbers of architectures.

/// The two digits that stand for an architecture, named as OCI names them (sif, pkg/sif/arch.go).
pub(super) fn number(architecture: &str) -> Option<&'static [u8; 2]> {
    Some(match architecture {
        "386" => b"01",
        "amd64" => b"02",
        "arm" => b"03",
        "arm64" => b"04",
        "ppc64" => b"05",
        "ppc64le" => b"06",
        "mips" => b"07",
        "mipsle" => b"08",
        "mips64" => b"09",
        "mips64le" => b"10",
        "s390x" => b"11",
        "riscv64" => b"12",
        _ => return None,
    })
}
