//! A recursive resolver that misbehaves.
