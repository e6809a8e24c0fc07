//! Quantiles.

/// A sample, sorted.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample(Vec<f64>);

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

impl Sample {
    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value that a share of all values does not exceed; 0 where there is none.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let place = (share * self.0.len().saturating_sub(1) as f64).round() as usize;
        self.0.get(place).copied().unwrap_or(0.0)
    }

    pub(super) fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}
