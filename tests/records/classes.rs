//! Why two parsers read one record differently: each reason has a name, which docs/differences.md
//! explains with the sentence of the RFC that decides.

use super::peers::Peer;
use super::reading::{Kind, Reading, Record};

/// Two readings of one record that are not the same.
pub struct Difference<'a> {
    pub record: &'a Record,
    pub peer: Peer,
    pub ours: &'a Reading,
    pub theirs: &'a Reading,
    /// What is not the same: `valid`, or a fact of both.
    pub field: String,
}

/// A reason.
pub struct Class {
    /// Its name, which is a heading of docs/differences.md.
    pub name: &'static str,
    pub peer: Peer,
    pub kind: Kind,
    /// Whether a difference between this peer and us about such a record is of it.
    pub holds: fn(&Difference<'_>) -> bool,
}

/// Every reason; the first one that holds is the one.
pub const CLASSES: &[Class] = &[];

/// The reason of a difference; none where there is none.
pub fn class(difference: &Difference<'_>) -> Option<&'static Class> {
    CLASSES.iter().find(|class| {
        class.peer == difference.peer
            && class.kind == difference.record.kind
            && (class.holds)(difference)
    })
}
