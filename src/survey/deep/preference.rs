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
    // Each of two was chosen over the other.
    let turned = choices.iter().any(|(version, offered, chosen)| {
        choices.iter().any(|(of, others, other)| {
            version == of && chosen != other && offered.contains(other) && others.contains(chosen)
        })
    });
    turned.then_some(false)
}

/// What was chosen of what, by which version.
fn choice(said: &Said) -> Option<(Version, &[u16], u16)> {
    let flight = said.answer.flight.as_ref()?;
    let version = Version::of_name(&flight.version)?;
    let chosen = suite_number(&flight.cipher)?;
    let is_about = matches!(said.hello.kind, HelloKind::Suites | HelloKind::Preference);
    is_about.then_some((version, said.hello.suites.as_slice(), chosen))
}

/// The hello that tells, where two suites of a version are known: those two, the other way round
/// than when one was chosen over the other. Where none was, any way first.
pub fn hello(exam: &Exam, state: &State, version: Version) -> Option<Hello> {
    let question = (HelloKind::Preference, version);
    let said = exam.said.iter();
    let asked = said.filter(|said| said.question() == question && said.answer.flight.is_some());
    let is_known = of_server(&exam.said, state).is_some();
    if is_known || asked.count() >= 2 || state.is_settled(question) {
        return None;
    }
    let mut hello = Hello::up_to(HelloKind::Preference, version);
    hello.extensions &= exam.known.extensions || version == Version::Tls1_3;
    hello.suites = turned(exam, state, version).or_else(|| two(state, version))?;
    Some(hello)
}

/// Two of which the second was chosen over the first when it stood before it.
fn turned(exam: &Exam, state: &State, version: Version) -> Option<Vec<u16>> {
    let accepted = |suite: &u16| state.known.suites.contains(&(version, *suite));
    let choices = exam.said.iter().filter_map(choice);
    let mut choices = choices.filter(|(of, ..)| *of == version);
    choices.find_map(|(_, offered, chosen)| {
        let mut others = offered.iter().filter(|suite| accepted(suite));
        let other = others.find(|suite| **suite != chosen)?;
        Some(vec![*other, chosen])
    })
}

/// The first two that are accepted.
fn two(state: &State, version: Version) -> Option<Vec<u16>> {
    let accepted = state.known.suites.iter().filter(|(of, _)| *of == version);
    let two: Vec<_> = accepted.map(|(_, suite)| *suite).take(2).collect();
    (two.len() == 2).then_some(two)
}
