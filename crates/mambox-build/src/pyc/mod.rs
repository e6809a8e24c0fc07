//! `.pyc` files of noarch python packages, made at build by the environment's own python.
//!
//! Without them python compiles every module in memory at each start, since an image's files are seldom its to write.
//! What cannot be made here is left out, and one line says why: such an image works, but starts more slowly.

mod compiler;
mod policy;
mod protocol;
mod python_root;
#[cfg(test)]
mod worker_tests;

pub(crate) use compiler::{Compiler, Trouble};
pub(crate) use policy::{Ground, cannot_run, decide, left_out};
