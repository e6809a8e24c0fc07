//! Shell integration and running programs in a prefix.
