//! Sizes as micromamba writes them.

/// Powers of 1000 without decimals: `85 B`, `204kB`, `12MB`.
pub(crate) fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = [" B", "kB", "MB", "GB", "TB", "PB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.0}{}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let sizes = [85, 999, 1000, 204_300, 12_000_000, 1_234_000_000].map(human_size);
        assert_eq!(sizes.join(" "), "85 B 999 B 1kB 204kB 12MB 1GB");
    }
}
