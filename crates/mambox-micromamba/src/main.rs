//! The in-image package manager.

fn main() {}
