//! Is the clock of this machine right? Signatures say from when until when they hold, and somebody
//! who signs a well-known zone has the right time.

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{RecordType, SerialNumber};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::forward::Client;
use super::message::validities;
use super::name::name_of;
use crate::table::preflight::Tried;
use crate::table::row::Moment;

/// Compares our clock with the signatures of a name that is signed and fine, as the first resolver
/// gives them. A resolver with the same wrong clock says SERVFAIL; what it has without validation
/// tells all the same.
pub async fn check(client: &Client, secure: &str) -> Tried {
    match signed(client, secure).await {
        Some(answer) => judged(secure, &validities(&answer), Moment::now()),
        None => Tried::unknown(format!("no signed answer for {secure}")),
    }
}

async fn signed(client: &Client, secure: &str) -> Option<Message> {
    let name = name_of(secure)?;
    let ask = async |cd| client.probe(0, &name, RecordType::SOA, cd).await.ok();
    let plain = ask(false).await?;
    match plain.metadata.response_code {
        ResponseCode::NoError if plain.metadata.authentic_data => Some(plain),
        ResponseCode::ServFail => ask(true).await,
        _ => None,
    }
}

/// One signature that holds now is enough: others may be old, or not in use yet.
fn judged(secure: &str, validities: &[(SerialNumber, SerialNumber)], now: Moment) -> Tried {
    // Serial numbers: the comparison holds beyond 2106.
    let clock = SerialNumber::new(now.seconds() as u32);
    let holds =
        |validity: &&(SerialNumber, SerialNumber)| validity.0 <= clock && clock <= validity.1;
    let says = |(from, until): &(SerialNumber, SerialNumber)| {
        format!(
            "a signature of {secure} holds from {} until {}",
            written(from.get().into()),
            written(until.get().into())
        )
    };
    match (validities.iter().find(holds), validities.first()) {
        (Some(validity), _) => Tried::pass(says(validity)),
        (None, Some(validity)) => {
            let now = written(now.seconds());
            Tried::fail(format!("it is {now} here, and {}", says(validity)))
        }
        (None, None) => Tried::unknown(format!("no signature came with the answer for {secure}")),
    }
}

fn written(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::preflight::Trial;

    fn at(seconds: i64, validities: &[(u32, u32)]) -> Trial {
        let validities: Vec<_> = validities
            .iter()
            .map(|(from, until)| (SerialNumber::new(*from), SerialNumber::new(*until)))
            .collect();
        judged("example.cz", &validities, Moment(seconds * 1_000_000)).result
    }

    #[test]
    fn the_clock_is_right_if_one_signature_holds() {
        assert_eq!(at(150, &[(100, 200)]), Trial::Pass);
        assert_eq!(at(99, &[(100, 200)]), Trial::Fail);
        assert_eq!(at(201, &[(100, 200)]), Trial::Fail);
        assert_eq!(at(150, &[(0, 50), (100, 200)]), Trial::Pass);
        assert_eq!(at(150, &[]), Trial::Unknown);
    }

    #[test]
    fn serial_numbers_go_round_in_2106() {
        let wrapped = [(u32::MAX - 10, 10)];
        assert_eq!(at(i64::from(u32::MAX), &wrapped), Trial::Pass);
        assert_eq!(at(i64::from(u32::MAX) + 5, &wrapped), Trial::Pass);
        assert_eq!(at(i64::from(u32::MAX) + 50, &wrapped), Trial::Fail);
    }
}
