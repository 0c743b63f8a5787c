//! Whether every mail host does as the first one.

use super::super::servers::Dane;
use super::Case;
use super::results::{NOT_APPLICABLE, Results, Word, every, told};
use super::servers::{Check, Host, Server};

/// What is compared.
fn seen(host: &Host) -> Vec<Results> {
    let checks: [Check; 7] = [
        Server::starttls,
        Server::tls_1_2,
        Server::tls_1_3,
        Server::cert_trusted,
        Server::cert_name,
        Server::cert_current,
        Server::cert_strong,
    ];
    let mut seen: Vec<Results> = checks.iter().map(|check| host.judge(check)).collect();
    seen.push(told(!matches!(host.mail.dane, Dane::None | Dane::Unusable)));
    seen
}

/// The place of the records among what is compared.
const RECORDS: usize = 7;

fn is_whole(host: &Host) -> bool {
    let mut dialled = host.servers.iter().filter(|server| !server.is_special());
    dialled.all(Server::is_reached)
}

fn same(one: Word, other: Word) -> Word {
    match (one, other) {
        (Word::Unknown, _) | (_, Word::Unknown) => Word::Unknown,
        _ if one == other => Word::Pass,
        _ => Word::Fail,
    }
}

impl Case<'_> {
    pub(super) fn mx_uniform(&self) -> Results {
        let [primary, others @ ..] = self.hosts.as_slice() else {
            return NOT_APPLICABLE;
        };
        let first = seen(primary);
        let compared = others.iter().flat_map(|host| {
            // An address that did not answer may be as those of the other host are.
            let whole = is_whole(primary) && is_whole(host);
            let pairs = first.iter().zip(seen(host)).enumerate();
            pairs.map(move |(at, (one, other))| {
                let judged = one.with(other, same);
                // The records, which come last, are the DNS's.
                match whole || at == RECORDS {
                    true => judged,
                    false => judged.with(judged, |word, _| match word {
                        Word::Fail => Word::Unknown,
                        word => word,
                    }),
                }
            })
        });
        every(compared.collect::<Vec<_>>())
    }
}
