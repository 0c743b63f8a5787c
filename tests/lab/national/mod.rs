//! What a country of the lab is, for those who compare with it: [`truth`] has the rows of its files,
//! [`manners`] the ways of its mail servers.

pub mod manners;
pub mod truth;
