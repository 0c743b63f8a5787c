//! The profiles that ship: `data/profiles/*.toml`.

use super::{Profile, parse};
use crate::error::Result;

/// Names and texts.
pub const SHIPPED: [(&str, &str); 4] = [
    (
        "nukib-2021",
        include_str!("../../../data/profiles/nukib-2021.toml"),
    ),
    (
        "nzism-15.2",
        include_str!("../../../data/profiles/nzism-15.2.toml"),
    ),
    (
        "internet-nl-mail",
        include_str!("../../../data/profiles/internet-nl-mail.toml"),
    ),
    ("modern", include_str!("../../../data/profiles/modern.toml")),
];

/// The profile of a name; none if no such ships.
pub fn shipped(name: &str) -> Option<Result<Profile>> {
    let (name, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
    Some(parse::parse(&format!("data/profiles/{name}.toml"), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_that_ships_can_be_read_and_has_its_name() {
        for (name, _) in SHIPPED {
            let profile = shipped(name).expect("it ships").expect("a profile");
            assert_eq!(profile.name, name);
            assert!(profile.points.len() > 10, "{name}");
        }
        assert!(shipped("none-such").is_none());
    }
}
