//! Records that carry mail policies: bytes → value, no I/O.

pub mod version;
