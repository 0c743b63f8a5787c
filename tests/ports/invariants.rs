//! What holds for any answer of IMAP and POP3. The targets of fuzz/ call it, too, by the path of
//! this file.

use mailcensus::probe::{imap, pop3};

/// The first byte says whether it is a greeting, or the list of capabilities.
pub fn imap_reply(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let is_greeting = first % 2 == 0;
    let mut answer = imap::Answer::default();
    for line in lines(text) {
        match answer.take(line, is_greeting) {
            Ok(true) => {
                assert!(answer.status.is_some());
                assert!(is_greeting || answer.refusal().is_none() || !answer.text.is_empty());
                break;
            }
            Ok(false) => assert!(answer.status.is_none()),
            Err(_) => break,
        }
    }
    assert!(is_safe(&answer.text), "{answer:?}");
    let list = answer.capabilities.iter().flatten();
    assert!(list.clone().count() <= 128);
    let is_word = |word: &String| is_safe(word) && !word.contains(' ') && !word.is_empty();
    assert!(list.clone().all(is_word), "{answer:?}");
    let mut kept = list.clone();
    assert!(kept.all(|word| *word == word.to_ascii_uppercase()));
    assert!(!answer.puts_off() || answer.refusal().is_some());
}

/// The first byte says whether it is a greeting, or the list of capabilities.
pub fn pop3_reply(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let is_list = first % 2 == 1;
    let mut answer = pop3::Answer::default();
    for line in lines(text) {
        match answer.take(line, is_list) {
            Ok(true) => {
                assert!(answer.is_ok.is_some());
                break;
            }
            Ok(false) => assert_eq!(answer.is_ok, Some(true)),
            Err(_) => break,
        }
    }
    assert!(is_safe(&answer.text), "{answer:?}");
    assert!(answer.lines.len() <= 64);
    assert!(answer.lines.iter().all(|line| is_safe(line)), "{answer:?}");
    assert!(is_list || answer.lines.is_empty());
    assert!(!answer.puts_off() || answer.refusal().is_some());
    // Only who says yes takes APOP.
    assert!(!pop3::has_apop(&answer.text) || answer.is_ok == Some(true));
}

/// As they are read: up to each LF, without a CR before it.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Nothing of it acts on a terminal.
fn is_safe(text: &str) -> bool {
    text.len() <= 4 * 512 && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
