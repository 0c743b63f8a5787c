//! Everything that the page says, in English and in Czech, side by side: a text that lacks one of
//! them does not compile.

mod checks;
mod reasons;
mod texts;

pub use checks::check;
pub use reasons::reason;
pub use texts::{CS, DOMAINS, EN, Texts};

#[cfg(test)]
pub use texts::ALL as ALL_TEXTS;
