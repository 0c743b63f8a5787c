//! A question and what came back, as one line of a trace.

use std::net::SocketAddr;

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::{Record, RecordType};

use super::message;
use super::udp::Lost;
use crate::text::escape;

/// Bytes of a record that are shown.
const RECORD: usize = 300;

/// `127.0.0.1:53 udp MX example.cz. > NOERROR AD; example.cz. MX 10 mail.example.cz.`
pub fn words(
    resolver: SocketAddr,
    transport: &str,
    question: &Message,
    answer: &Result<Message, Lost>,
) -> String {
    let asked = question.queries.first().map_or(String::new(), |query| {
        format!("{} {}", query.query_type(), query.name())
    });
    let cd = if question.metadata.checking_disabled {
        " CD"
    } else {
        ""
    };
    let came = match answer {
        Ok(message) => came(message),
        Err(Lost::Timeout) => "no answer in time".to_owned(),
        Err(Lost::Unreachable) => "nobody listens".to_owned(),
        Err(Lost::Malformed) => "an answer that cannot be decoded".to_owned(),
        Err(Lost::Local) => "this machine could not send".to_owned(),
    };
    format!("{resolver} {transport} {asked}{cd} > {came}")
}

fn came(message: &Message) -> String {
    // The registry's names of response codes are these in capitals (RFC 6895 2.3).
    let mut text = format!("{:?}", message.metadata.response_code).to_ascii_uppercase();
    for (is_set, flag) in [
        (message.metadata.authentic_data, " AD"),
        (message.metadata.truncation, " TC"),
    ] {
        text.push_str(if is_set { flag } else { "" });
    }
    let records = message.answers.iter();
    let records = records.filter(|record| record.record_type() != RecordType::RRSIG);
    let records: Vec<_> = records.map(shown).collect();
    text.push_str("; ");
    text.push_str(&match records.is_empty() {
        true => "no records".to_owned(),
        false => records.join("; "),
    });
    if let Some(ede) = message::ede(message) {
        let why = ede.text.unwrap_or_default();
        text.push_str(format!("; EDE {} {why}", ede.code).trim_end());
    }
    text
}

fn shown(record: &Record) -> String {
    let text = format!("{} {} {}", record.name, record.record_type(), record.data);
    escape(text.as_bytes(), RECORD).0
}
