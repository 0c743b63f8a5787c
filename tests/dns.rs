//! Questions to a resolver that misbehaves.
