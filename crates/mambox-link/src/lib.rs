//! What every linker of conda packages agrees on, as pure functions.
