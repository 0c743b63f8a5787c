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
        let primary = seen(primary);
        let compared = others.iter().flat_map(|host| {
            let pairs = primary.iter().zip(seen(host));
            pairs.map(|(one, other)| one.with(other, same))
        });
        every(compared.collect::<Vec<_>>())
    }
}
