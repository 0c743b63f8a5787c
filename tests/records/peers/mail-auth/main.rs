//! How mail-auth reads records: lines of JSON in, one line of JSON out for each, as `../read.py`.

use std::io::{BufRead, Write, stdin, stdout};

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::{Alignment, Dmarc, Policy, Psd};
use mail_auth::mta_sts::{MtaSts, TlsRpt};
use mail_auth::spf::{Mechanism, Qualifier, Spf};
use serde_json::{Value, json};

fn main() {
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let record = bytes(asked["record"].as_str().expect("a record"));
        let answer = match asked["kind"].as_str() {
            Some("spf") => answer(Spf::parse(&record), spf),
            Some("dmarc") => answer(Dmarc::parse(&record), dmarc),
            Some("dkim") => answer(DomainKey::parse(&record), |_| json!({})),
            Some("mta_sts") => answer(MtaSts::parse(&record), |read| json!({ "id": read.id })),
            Some("tls_rpt") => answer(
                TlsRpt::parse(&record),
                |read| json!({ "rua": read.rua.len() }),
            ),
            _ => Value::Null,
        };
        writeln!(out, "{answer}").expect("a reader");
    }
}

/// Bytes of a text of which each character is one.
fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|one| u8::try_from(u32::from(one)).expect("a byte"))
        .collect()
}

fn answer<T>(read: mail_auth::Result<T>, facts: impl Fn(T) -> Value) -> Value {
    match read {
        Ok(read) => json!({ "valid": true, "facts": facts(read) }),
        Err(error) => json!({ "valid": false, "why": format!("{error:?}") }),
    }
}

fn spf(read: Spf) -> Value {
    let all = read
        .directives
        .iter()
        .position(|one| matches!(one.mechanism, Mechanism::All));
    let sign = match all.map(|at| &read.directives[at].qualifier) {
        Some(Qualifier::Pass) => "+",
        Some(Qualifier::Fail) => "-",
        Some(Qualifier::SoftFail) => "~",
        Some(Qualifier::Neutral) | None => "?",
    };
    json!({ "mechanisms": all.unwrap_or(read.directives.len()), "all": sign })
}

fn dmarc(read: Dmarc) -> Value {
    let policy = |policy: Policy| match policy {
        Policy::None | Policy::Unspecified => "none",
        Policy::Quarantine => "quarantine",
        Policy::Reject => "reject",
    };
    let alignment = |alignment: Alignment| match alignment {
        Alignment::Relaxed => "r",
        Alignment::Strict => "s",
    };
    let psd = match read.psd {
        Psd::Yes => "y",
        Psd::No => "n",
        Psd::Default => "u",
    };
    json!({
        "p": policy(read.p), "sp": policy(read.sp), "np": policy(read.np),
        "adkim": alignment(read.adkim), "aspf": alignment(read.aspf),
        "psd": psd, "t": if read.t { "y" } else { "n" },
        "rua": read.rua.len(), "ruf": read.ruf.len(),
    })
}
