//! What a survey of standard depth must find TLS to be: which of its hellos a server takes, and what
//! follows from that.

use std::collections::BTreeMap;

use crate::lab::national::manners::{Manner, Serves};
use crate::lab::national::truth::Heard;
use crate::lab::old_tls::{
    Exchange, Key, Library, MODERN, Refusal, Repertoire, Suite, Version, suite,
};
use crate::lab::smtp;

/// The hybrid group of the library.
const HYBRID: &str = "X25519MLKEM768";

/// The repertoire of a server of a manner.
pub fn repertoire(manner: &Manner) -> Repertoire {
    match manner.serves {
        Serves::Server(smtp::Manner::Speaks(repertoire)) => *repertoire,
        Serves::Server(smtp::Manner::Tls12Only) => Repertoire {
            library: Library::Tls12,
            ..MODERN
        },
        _ => MODERN,
    }
}

/// What a server is seen to do.
pub fn heard(repertoire: &Repertoire) -> Heard {
    let any = |_: &Suite| true;
    let all = match repertoire.library {
        Library::None => answer(repertoire, Version::Tls12, any),
        _ => None,
    };
    let weak = answer(repertoire, Version::Tls12, is_weak);
    let legacy = answer(repertoire, Version::Tls11, any);
    let ssl3 = legacy.and_then(|_| answer(repertoire, Version::Ssl3, any));
    let answered: Vec<_> = [all, weak, legacy, ssl3].into_iter().flatten().collect();
    let is_open = !answered.is_empty();
    // A hello without extensions offers neither.
    let extended = is_open && repertoire.takes_extensions;
    let by_prime = |(_, suite): &(Version, &Suite)| suite.exchange == Exchange::Dhe;
    let weak_cipher = weak.map(|(_, suite)| suite.name.to_owned());
    Heard {
        cipher: all.map(|(_, suite)| suite.name.to_owned()),
        ephemeral: all.is_none_or(|(_, suite)| suite.exchange != Exchange::Rsa),
        versions: versions(repertoire, [all, weak, legacy, ssl3]),
        weak: words(
            repertoire,
            if weak.is_some() {
                "accepted"
            } else {
                "refused"
            },
        ),
        weak_cipher,
        pq_group: (repertoire.library == Library::Hybrid).then(|| HYBRID.to_owned()),
        dh_bits: answered.iter().any(by_prime).then_some(repertoire.dh_bits),
        compression: extended.then_some(repertoire.compression),
        secure_renegotiation: is_open.then_some(repertoire.secure_renegotiation),
        heartbeat: extended.then_some(repertoire.heartbeat),
    }
}

type Answer = Option<(Version, &'static Suite)>;

/// The answer to a hello of this version at the most, with such suites.
fn answer(repertoire: &Repertoire, most: Version, offered: impl Fn(&Suite) -> bool) -> Answer {
    let versions = repertoire.versions();
    let version = versions
        .filter(|version| *version != Version::Ssl2 && *version <= most)
        .max()?;
    let (by_ecdsa, by_rsa) = repertoire.keys();
    let suites = repertoire
        .suites
        .iter()
        .map(|number| suite(*number).expect("a known one"));
    let mut suites = suites.filter(|suite| match suite.key {
        Key::Ecdsa => by_ecdsa,
        Key::Rsa => by_rsa,
        Key::None => true,
    });
    let fits = |suite: &&Suite| {
        offered(suite)
            && (version == Version::Tls12 || !suite.is_of_1_2)
            && (version > Version::Ssl3 || suite.exchange != Exchange::Ecdhe)
    };
    Some((version, suites.find(fits)?))
}

/// NULL, anonymous, export, RC4, DES, 3DES, MD5.
fn is_weak(suite: &Suite) -> bool {
    ["NULL", "anon", "EXPORT", "RC4", "DES", "MD5"]
        .iter()
        .any(|word| suite.name.contains(word))
}

/// What is right, and that somebody may not know where a server says too little.
fn words(repertoire: &Repertoire, right: &str) -> Vec<String> {
    let says_little = repertoire.refusal == Refusal::Silence || !repertoire.takes_extensions;
    let unknown = (says_little && right != "unknown").then_some("unknown");
    [right]
        .into_iter()
        .chain(unknown)
        .map(str::to_owned)
        .collect()
}

fn versions(repertoire: &Repertoire, hellos: [Answer; 4]) -> BTreeMap<String, Vec<String>> {
    let [all, weak, legacy, _] = hellos;
    let is_13 = matches!(repertoire.library, Library::Classical | Library::Hybrid);
    let has_aead =
        repertoire.library != Library::None || all.is_some_and(|(_, suite)| suite.is_of_1_2);
    let shows = |answer: Answer, version| answer.is_some_and(|(shown, _)| shown == version);
    let accepts = |version| repertoire.versions().any(|one| one == version);
    let told = |version: Version| match accepts(version) {
        true => "accepted",
        false => "refused",
    };
    let sure = |version| words(repertoire, told(version));
    let unsure = |version| vec![told(version).to_owned(), "unknown".to_owned()];
    // A server answers with the newest that it has, so that what is older stays in the dark.
    let old = |version| match legacy {
        Some((shown, _)) if version < shown => unsure(version),
        _ => sure(version),
    };
    let ssl2 = match (accepts(Version::Ssl2), has_aead) {
        (false, true) => words(repertoire, "implied_refused"),
        _ => unsure(Version::Ssl2),
    };
    let tls12 = match repertoire.library {
        Library::None if accepts(Version::Tls12) => sure(Version::Tls12),
        Library::None => unsure(Version::Tls12),
        Library::Tls12 => vec!["accepted".to_owned()],
        _ if shows(weak, Version::Tls12) => sure(Version::Tls12),
        _ => unsure(Version::Tls12),
    };
    let tls13 = match (is_13, repertoire.library) {
        (true, _) => vec!["accepted".to_owned()],
        // Where TLS 1.2 is not there either, that says enough.
        (_, Library::None) => ["refused", "implied_refused", "unknown"]
            .map(str::to_owned)
            .to_vec(),
        _ => vec!["refused".to_owned()],
    };
    let ssl3 = match (repertoire.library, legacy) {
        // The connections may be used up.
        (Library::None, Some(_)) => unsure(Version::Ssl3),
        _ => sure(Version::Ssl3),
    };
    let all = [
        ("ssl2", ssl2),
        ("ssl3", ssl3),
        ("tls1_0", old(Version::Tls10)),
        ("tls1_1", old(Version::Tls11)),
        ("tls1_2", tls12),
        ("tls1_3", tls13),
    ];
    all.into_iter()
        .map(|(name, words)| (name.to_owned(), words))
        .collect()
}
