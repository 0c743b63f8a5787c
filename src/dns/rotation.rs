//! Whose turn it is among the resolvers, and who is left out.
//!
//! Who was no help many times in a row is left out while another one is some: the questions would take
//! longer, or be lost. Now and then it is asked all the same, and comes back as soon as it answers.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::health::Trouble;

/// Questions in a row that a resolver was no help with, until it is left out.
const MANY: u32 = 8;
/// One of so many turns is another's, whether it is left out or not.
const AGAIN: usize = 64;

/// The resolvers, by their place in the settings.
pub struct Rotation {
    turn: AtomicUsize,
    standings: Box<[Standing]>,
    news: Notify,
}

/// What one resolver was good for of late.
#[derive(Default)]
struct Standing {
    /// Questions in a row that it was no help with.
    in_a_row: AtomicU32,
    /// Whether it answered the last of them.
    fails: AtomicBool,
}

impl Standing {
    fn is_bad(&self) -> bool {
        self.in_a_row.load(Ordering::Relaxed) >= MANY
    }

    fn trouble(&self) -> Option<Trouble> {
        self.is_bad()
            .then(|| match self.fails.load(Ordering::Relaxed) {
                true => Trouble::Failing,
                false => Trouble::Silent,
            })
    }
}

impl Rotation {
    /// So many resolvers, all of them good.
    pub fn of(count: usize) -> Self {
        Self {
            turn: AtomicUsize::new(0),
            standings: (0..count).map(|_| Standing::default()).collect(),
            news: Notify::new(),
        }
    }

    /// Whose turn it is; not this one's, if there is a better one.
    pub fn next(&self, not: Option<usize>) -> usize {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.standings.len();
        let again = (turn / AGAIN) % count;
        if turn.is_multiple_of(AGAIN) && not != Some(again) {
            return again;
        }
        let in_turn = (0..count).map(|step| turn.wrapping_add(step) % count);
        let mut others = in_turn.filter(|at| not != Some(*at));
        let is_good = |at: &usize| !self.standings[*at].is_bad();
        let good = others.clone().find(is_good).or(not.filter(is_good));
        good.or_else(|| others.next()).or(not).unwrap_or(0)
    }

    /// Takes note of how much help a resolver was with a question.
    pub fn note(&self, at: usize, trouble: Option<Trouble>) {
        let standing = &self.standings[at];
        let is_news = match trouble {
            None => {
                let is_new = standing.in_a_row.load(Ordering::Relaxed) > 0;
                is_new && standing.in_a_row.swap(0, Ordering::Relaxed) >= MANY
            }
            Some(trouble) => {
                let fails = trouble == Trouble::Failing;
                standing.fails.store(fails, Ordering::Relaxed);
                standing.in_a_row.fetch_add(1, Ordering::Relaxed) + 1 == MANY
            }
        };
        if is_news {
            self.news.notify_one();
        }
    }

    /// From now on, each resolver is what it was found to be.
    pub fn settle(&self, found: &[Option<Trouble>]) {
        for (standing, trouble) in self.standings.iter().zip(found) {
            let in_a_row = trouble.map_or(0, |_| MANY);
            standing.in_a_row.store(in_a_row, Ordering::Relaxed);
            let fails = *trouble == Some(Trouble::Failing);
            standing.fails.store(fails, Ordering::Relaxed);
        }
    }

    /// What is wrong with each resolver that is of no help.
    pub fn troubles(&self) -> Vec<Option<Trouble>> {
        self.standings.iter().map(Standing::trouble).collect()
    }

    /// Waits until a resolver is left out, or comes back. Only one may wait.
    pub async fn news(&self) {
        self.news.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(rotation: &Rotation, many: usize) -> Vec<usize> {
        let mut turns = vec![0; rotation.standings.len()];
        for _ in 0..many {
            turns[rotation.next(None)] += 1;
        }
        turns
    }

    fn loses(rotation: &Rotation, at: usize, many: u32) {
        for _ in 0..many {
            rotation.note(at, Some(Trouble::Silent));
        }
    }

    #[test]
    fn a_resolver_that_is_no_help_is_left_out_and_tried_now_and_then() {
        for count in [2, 3] {
            let rotation = Rotation::of(count);
            loses(&rotation, 1, MANY - 1);
            assert!(turns(&rotation, 600)[1] > 150, "it may be a coincidence");
            loses(&rotation, 1, 1);
            let tried = turns(&rotation, AGAIN * 12)[1];
            assert_eq!(tried, 12 / count);
            assert_eq!(rotation.troubles()[1], Some(Trouble::Silent));
            rotation.note(1, None);
            assert!(turns(&rotation, 600)[1] > 150);
            assert_eq!(rotation.troubles(), vec![None; count]);
        }
    }

    #[test]
    fn a_question_goes_elsewhere_if_that_is_better() {
        let rotation = Rotation::of(2);
        for _ in 0..AGAIN * 4 {
            assert_eq!(rotation.next(Some(0)), 1);
        }
        loses(&rotation, 1, MANY);
        let to_the_bad = (0..AGAIN * 4).filter(|_| rotation.next(Some(0)) == 1);
        assert_eq!(to_the_bad.count(), 2, "asked again where it is silent");
        // Nobody is better.
        loses(&rotation, 0, MANY);
        assert_eq!(rotation.next(Some(0)), 1);
        assert!(turns(&rotation, 600).into_iter().min() > Some(250));
        let alone = Rotation::of(1);
        loses(&alone, 0, MANY);
        assert_eq!(alone.next(Some(0)), 0);
    }

    #[tokio::test]
    async fn what_is_news_is_told_once() {
        let told = async |rotation: &Rotation| {
            let soon = std::time::Duration::from_millis(10);
            tokio::time::timeout(soon, rotation.news()).await.is_ok()
        };
        let rotation = Rotation::of(2);
        loses(&rotation, 0, MANY - 1);
        assert!(!told(&rotation).await);
        loses(&rotation, 0, 3);
        assert!(told(&rotation).await);
        assert!(!told(&rotation).await);
        rotation.note(0, None);
        assert!(told(&rotation).await);
        rotation.note(0, None);
        assert!(!told(&rotation).await);
        rotation.settle(&[None, Some(Trouble::Failing)]);
        assert_eq!(rotation.troubles(), [None, Some(Trouble::Failing)]);
    }
}
