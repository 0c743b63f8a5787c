//! What a whole survey looks like that went wrong on our side.

use super::Summary;
use crate::table::codes::ErrorCode;
use crate::text::count;

/// Domains without an answer that may be a resolver's fault: so many of them, and more than one of so
/// many domains. Of a national zone a few percent are broken.
const UNANSWERED: (u64, u64) = (100, 10);
/// Connections that somebody should have greeted.
const DIALLED: u64 = 10;

impl Summary {
    /// Trouble of this machine, or of its line, that the tables show; `is_closed`: port 25 was known to
    /// be closed from here, and nobody was dialled.
    pub fn trouble(&self, is_closed: bool) -> Vec<String> {
        let mute = (!is_closed && self.is_mute()).then(|| {
            "no mail server greeted; is port 25 open from here? (many providers close it)"
                .to_owned()
        });
        let found = [self.without_answer(), self.capped(), mute];
        found.into_iter().flatten().collect()
    }

    fn without_answer(&self) -> Option<String> {
        let (least, one_of) = UNANSWERED;
        let (bad, asked) = (self.unanswered, self.asked);
        (bad >= least && bad * one_of > asked).then(|| {
            format!(
                "of {} domains {} could not be asked; where the list is not that bad, the resolver \
                 was overloaded or cut off: give it less at a time (--dns-rate), and ask again",
                count(asked),
                count(bad)
            )
        })
    }

    /// Addresses, and ports of mail clients.
    fn capped(&self) -> Option<String> {
        let word = ErrorCode::RateCapped.as_str();
        let ports = self.ports.values().filter_map(|ports| ports.get(word));
        let capped: u64 = self.addresses.get(word).into_iter().chain(ports).sum();
        (capped > 0).then(|| {
            format!(
                "addresses not asked, because crashes had used up the connections they may get: \
                 {capped}"
            )
        })
    }

    /// Whether more than a few servers were dialled and none of them greeted.
    fn is_mute(&self) -> bool {
        self.connections >= DIALLED && !self.addresses.contains_key("reached")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unanswered(bad: u64, asked: u64) -> Vec<String> {
        let summary = Summary {
            asked,
            unanswered: bad,
            ..Summary::default()
        };
        summary.trouble(false)
    }

    #[test]
    fn many_domains_without_an_answer_are_trouble() {
        assert!(unanswered(150, 1_500).is_empty());
        let told = unanswered(1_151, 1_500);
        assert!(
            told[0].starts_with("of 1,500 domains 1,151 could"),
            "{told:?}"
        );
        // A short list may well be of broken domains.
        assert!(unanswered(99, 99).is_empty());
    }
}
