//! What is left out of layers to save space: named policies, each a pure function of package name and path.

mod licence;
mod policies;
mod policy;
mod savings;

pub use policies::{SlimError, SlimPolicies};
pub use policy::SlimPolicy;
pub use savings::{LeftOut, Savings};
