//! Whose order counts where client and server share several suites.

use super::exam::{Exam, Said};
use super::state::State;
use crate::probe::hello::Hello;
use crate::table::tls_codes::HelloKind;
use crate::tls_names::{Version, suite_number};

/// Whether the server's order counts; none where nobody knows yet.
pub fn of_server(said: &[Said], state: &State) -> Option<bool> {
    let choices: Vec<_> = said.iter().filter_map(choice).collect();
    for (version, offered, chosen) in &choices {
        let accepted = |suite: &&u16| state.known.suites.contains(&(*version, **suite));
        // Something that it accepts stood before what it chose.
        if offered
            .iter()
            .find(accepted)
            .is_some_and(|first| first != chosen)
        {
            return Some(true);
        }
    }
    let reversed = |said: &&Said| said.hello.kind == HelloKind::Preference;
    let asked = said
        .iter()
        .find(|said| reversed(said) && choice(said).is_some());
    // It chose the first in both directions.
    asked.map(|_| false)
}

/// What was chosen of what, by which version.
fn choice(said: &Said) -> Option<(Version, &[u16], u16)> {
    let flight = said.answer.flight.as_ref()?;
    let version = Version::of_name(&flight.version)?;
    let chosen = suite_number(&flight.cipher)?;
    let is_about = matches!(said.hello.kind, HelloKind::Suites | HelloKind::Preference);
    is_about.then_some((version, said.hello.suites.as_slice(), chosen))
}

/// The hello that tells, where two suites of a version are known and one was seen to be chosen over
/// the other.
pub fn hello(exam: &Exam, state: &State, version: Version) -> Option<Hello> {
    let question = (HelloKind::Preference, version);
    let was_asked = exam
        .said
        .iter()
        .any(|said| said.question() == question && said.answer.flight.is_some());
    if was_asked || state.is_settled(question) || of_server(&exam.said, state).is_some() {
        return None;
    }
    let accepted = |suite: &u16| state.known.suites.contains(&(version, *suite));
    let choices = exam.said.iter().filter_map(choice);
    let mut pairs = choices.filter(|(of, ..)| *of == version);
    let (first, second) = pairs.find_map(|(_, offered, chosen)| {
        let mut others = offered.iter().filter(|suite| accepted(suite));
        let other = others.find(|suite| **suite != chosen)?;
        Some((chosen, *other))
    })?;
    let mut hello = Hello::up_to(HelloKind::Preference, version);
    hello.extensions &= exam.known.extensions || version == Version::Tls1_3;
    hello.suites = vec![second, first];
    Some(hello)
}
