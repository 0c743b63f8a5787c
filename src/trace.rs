//! Traces: the dialogue on the wire about one domain, for whoever wants to see it.
//!
//! Work on a traced name runs in a [`scope`]; the few places that touch the wire give a [`line`].
//! Outside a scope a line costs a look at the task, and is never made.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::text::one_line;

/// Letters of a line that are shown.
const SHOWN: usize = 2_000;

/// Where lines go.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Whom lines are about, and where they go.
#[derive(Clone)]
pub struct Trace {
    about: String,
    sink: Sink,
}

tokio::task_local! {
    static TRACE: Trace;
}

impl Trace {
    /// A trace about a name.
    pub fn new(about: impl Into<String>, sink: Sink) -> Self {
        Self {
            about: about.into(),
            sink,
        }
    }

    /// The same trace about more of the same: an address of a host, a host of a domain.
    pub fn of(&self, part: impl std::fmt::Display) -> Self {
        Self {
            about: format!("{} {part}", self.about),
            sink: self.sink.clone(),
        }
    }

    fn say(&self, words: &str) {
        let now = OffsetDateTime::now_utc();
        let (hour, minute, second, milli) = now.to_hms_milli();
        let mut words = one_line(words);
        if let Some((end, _)) = words.char_indices().nth(SHOWN) {
            words.truncate(end);
            words.push('…');
        }
        let about = &self.about;
        (self.sink)(&format!(
            "{hour:02}:{minute:02}:{second:02}.{milli:03}Z {about} {words}"
        ));
    }
}

/// Does work with a trace, if there is one. Tasks that the work spawns are not traced.
pub async fn scope<F: Future>(trace: Option<Trace>, work: F) -> F::Output {
    match trace {
        Some(trace) => TRACE.scope(trace, work).await,
        None => work.await,
    }
}

/// Whether anybody listens.
pub fn is_on() -> bool {
    TRACE.try_with(|_| ()).is_ok()
}

/// One line of the dialogue. The words are made only if somebody listens.
pub fn line(words: impl FnOnce() -> String) {
    // Nobody listens outside a scope.
    let _ = TRACE.try_with(|trace| trace.say(&words()));
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn lines_are_made_only_where_somebody_listens() {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let ear = heard.clone();
        let sink: Sink = Arc::new(move |text| ear.lock().expect("ours").push(text.to_owned()));
        line(|| unreachable!("nobody listens"));
        scope(None, async {
            assert!(!is_on());
            line(|| unreachable!("nobody listens"));
        })
        .await;
        let trace = Trace::new("example.cz", sink).of("192.0.2.1:25");
        scope(Some(trace), async {
            assert!(is_on());
            line(|| "< 220 a\u{1b}b".to_owned());
            line(|| "x".repeat(3_000));
            // Another task is another matter.
            let other = tokio::spawn(async { line(|| unreachable!("nobody listens")) });
            other.await.expect("no panic");
        })
        .await;
        let heard = heard.lock().expect("ours");
        let (time, words) = heard[0].split_once(' ').expect("a time and words");
        assert_eq!(words, "example.cz 192.0.2.1:25 < 220 a\\x1bb");
        assert!(time.len() == 13 && time.ends_with('Z'), "{time}");
        assert!(heard[1].len() < 2_100 && heard[1].ends_with('…'));
    }
}
