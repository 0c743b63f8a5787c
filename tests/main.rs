//! Integration tests: one binary, so that the real servers start once.

mod real;
