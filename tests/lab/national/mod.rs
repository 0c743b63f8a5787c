//! What a country of the lab is, for those who compare with it: [`truth`] has the rows of its files,
//! [`records`] parts of them, [`manners`] the ways of its mail servers.

pub mod manners;
pub mod records;
pub mod truth;
