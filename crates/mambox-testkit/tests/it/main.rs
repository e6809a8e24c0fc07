//! The test kit's own tests.

mod channel;
mod client;
mod hostile;
mod http;
mod layers;
mod packages;
mod programs;
mod registry;
mod test_env;
mod wheels;
