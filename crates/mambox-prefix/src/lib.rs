//! A conda prefix on disk: its records, and transactions that change it as a whole or not at all.
