//! Hellos and answers, byte by byte.
