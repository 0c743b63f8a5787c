//! Records by the grammars of their RFCs, with what people get wrong and with bytes that nobody meant:
//! the same ones for the same seed.

use super::reading::{Kind, Record};

/// What most records are made of, and what a few are.
struct Pool {
    good: &'static [&'static str],
    odd: &'static [&'static str],
}

const SPF: Pool = Pool {
    good: &[
        "ip4:192.0.2.1", "ip4:192.0.2.0/24", "-ip4:198.51.100.0/25", "ip6:2001:db8::1", "ip6:2001:db8::/32",
        "a", "a:mail.example.org", "a/24", "a:mail.example.org/24//64", "mx", "?mx:example.org", "mx//64",
        "include:_spf.example.net", "?include:%{d}.spf.example.net", "exists:%{ir}.%{v}._spf.%{d2}",
        "ptr", "ptr:example.org", "exp=explain._spf.%{d}", "redirect=_spf.example.net", "A:Mail.Example.ORG",
        "IP4:192.0.2.7", "all", "-all", "~all", "?all", "+all", "-ALL", "moo=cow", "ip6:::ffff:192.0.2.1",
    ],
    odd: &[
        "foo", "foo:bar.example.org", "include", "include:", "include:example", "include:example.org/24", "all:example.org", "all/8",
        "ip4:192.0.2.999", "ip4:192.0.2", "ip4:192.0.2.1/33", "ip4:192.0.2.1/", "ip4:192.0.2.01", "ip4", "ip4:", "ip4:2001:db8::1",
        "ip4:192.0.2.1//32", "ip4:192.0.2.0/024", "ip4=192.0.2.1", "ip6:2001:db8::/129", "ip6:192.0.2.1", "ip6:2001:db8:::1", "ip6:fe80::1%eth0",
        "a/33", "a//129", "a/24/64", "a:b.example.org/024", "a:/24", "a:", "a=mail.example.org", "mx:..example.org",
        "mx:example.org:25", "mx=example.org", "ptr/24", "ptr:", "exists", "exists:%{x}.example.org",
        "exists:%{d", "exists:%(ir).example.org", "exists:%{d0}.example.org", "exists:%{c}.example.org", "exists:%%.example.org",
        "exists:%{dr-.+,/_=}.example.org", "exists:%{dz}", "exp=", "exp=example", "exp=a._spf.example.org", "redirect=", "redirect=example",
        "redirect=other.example.net", "redirect:example.org", "-redirect=example.org", "+-all", "--all", "-", "=x", "1foo=x",
        "moo=%x", "moo=%{x}", "moo=", "default=deny", "rp=200", "ra=abuse", "rr=all", "v=spf1", "ip4:192.0.2.1,", "ip4:192.0.2.1;", "-all.",
        "include:a..example.org", "include:example.123", "include:example.c-", "a:192.0.2.1", "mx:example.org.", "192.0.2.1", "spf2.0/pra",
        "a:very-long-label-that-has-far-more-than-sixty-three-characters-in-it-so-not-a-label.example.org",
        "include:_spf.ex\u{e4}mple.org", "a\0", "\"-all\"", "ip4:192.0.2.1-all", "op=auth", "match.sub-domains_9=yes", "a:%{d}/24", "a:%{s}//64", "a:net/a.example.org", "mx/0", "a/0//0",
    ],
};

const DMARC: Pool = Pool {
    good: &[
        "p=none", "p=quarantine", "p=reject", "P=Reject", "sp=none", "sp=reject", "np=reject", "np=none", "adkim=r", "adkim=s",
        "aspf=r", "aspf=s", "t=y", "t=n", "psd=y", "psd=n", "psd=u", "fo=1", "fo=d:s", "pct=100", "rua=mailto:dmarc@example.org",
        "rua=mailto:a@example.org,mailto:b@example.net", "ruf=mailto:dmarc@example.org", "rua=https://example.org/dmarc",
    ],
    odd: &[
        "p=", "p", "p=monitor", "p=none reject", "p=no ne", "p=none,", "sp=monitor", "sp=", "np=x", "adkim=strict", "adkim=", "aspf=x", "t=maybe", "t=1", "t=",
        "psd=maybe", "psd=yes", "fo=2", "fo=0:1", "fo=1:1", "fo=", "fo=1,d", "pct=50", "pct=101", "pct=ten", "ri=3600", "rf=afrf", "ri=x",
        "rua=dmarc@example.org", "rua=mailto:", "rua=mailto:dmarc", "rua=mailto:dmarc@example.org!10m", "rua=mailto:dmarc@example.org!x",
        "rua=", "rua=mailto:a@example.org;mailto:b@example.org", "rua=mailto:a@example.org mailto:b@example.org", "rua=mailto:a@example.org,",
        "rua=mailto:a@example.org,,mailto:b@example.org", "rua=mailto:%61@example.org", "rua=mailto:a%2cb@example.org", "rua=mailto://a@example.org", "rua=MAILTO:a@example.org",
        "ruf=https://example.org/a?b=c", "ruf=ftp://example.org/", "foo=bar", "1a=b", "a_b=c", "x", "=", "v=DMARC1", "p = reject", "p\t=\treject",
        "rua = mailto:a@example.org", "", " ", "p=\u{e4}", "x=\u{e4}", "\0", "p=reject\0", "\"p=reject\"", "rua=mailto:a@localhost", "sp=Quarantine ", "rua=mailto:a b@example.org",
        "p=reject\n", "rua=mailto:a@[192.0.2.1]", "aspf=S", "pct=", "x=",
    ],
};

const RSA_1024: &str = "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7n8IRi6Gx8QGSwzU/ZlJjn/sUSl7enyheg25wbxL731Qd7pQ0yFZt+yqj38E9txAJ8eA7DltE8TYBr9OIcjXUlXUMt3nUmWih4uVoFVIcREIhnAmARAQmON1RTZ1qTEfu6AzI6LsP+mZPXrWyLJpc/HEB5hjc+QT1ABXgp0dUWQIDAQAB";
const RSA_512: &str = "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAPGCmeB1CVDLONecy26DImJG75gkU8XrYNDkBxfSmwkel+THoysul4DTYop5ekxtGv8DRqgGIFHuvYfBlnpYlDcCAwEAAQ==";
const RSA_BARE: &str = "p=MIGJAoGBALufwhGLobHxAZLDNT9mUmOf+xRKXt6fKF6DbnBvEvvfVB3ulDTIVm37KqPfwT23EAnx4DsOW0TxNgGv04hyNdSVdQy3edSZaKHi5WgVUhxEQiGcCYBEBCY43VFNnWpMR+7oDMjouw/6Zk9etbIsmlz8cQHmGNz5BPUAFeCnR1RZAgMBAAE=";
const RSA_2048: &str = "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAs9vUauOrTebQS8bs3pEcNQrvq9Ts8zLHSKUpMys6qIH976RzbSWBqY7J/epOlhCOdG7vPTPyHjKIFhf4ZFlq5L51Itv4BanWXVQXCXlkpSJOoPN6HWH38hJhWYlYuh35U4XeSRU4jfoueTFyIgqykKcAhmFJmCOb21L90zEbxofrn3WJkb1aob8ybCFvQu73GyFjiPVY018EqscqO/TWQML+5Fdnqk2BzZzlkOYzIALjImecYlvJyleQ/NKj6wXAG00WG6wSBSeihwJUmwgb8sO0fHwHu2o/GNV0OL4YTsVE5VtfkSQ2jruzavDb7BJaVPWzZdAlyN7SRnOe5aSlGwIDAQAB";

const DKIM: Pool = Pool {
    good: &["k=rsa", "h=sha256", "h=sha1:sha256", "s=email", "s=*", "t=s", "t=y", "t=y:s", "n=note", RSA_1024, RSA_2048],
    odd: &[
        "k=ed25519", "k=dsa", "k=", "k=RSA", "h=md5", "h=", "s=other", "s=", "t=", "t=x", "g=*", "g=", "n=no=3Dte", "n=a=b",
        RSA_512, RSA_BARE, "p=", "p=!", "p=MIGf", "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "x=y", "x", "", "v=DKIM1", "v=DKIM2", "p = ", "h=sha256:", "\u{e4}=x",
    ],
};

const MTA_STS: Pool = Pool {
    good: &["id=20260101T000000", "id=1", "id=abcDEF123"],
    odd: &[
        "id=", "id", "id=2026-01-01", "id=0123456789012345678901234567890123456789", "ID=1", "id = 1", "id= 1", "x=y", "x=", "id=a b", "", " ", "v=STSv1", "id=1=2",
        "id=\u{e4}", "-x=y", "mode=enforce",
    ],
};

const POLICY: Pool = Pool {
    good: &["mode: enforce", "mode: testing", "mode: none", "max_age: 604800", "max_age: 86400", "mx: mail.example.org", "mx: *.example.org", "mx: MAIL.example.org"],
    odd: &[
        "mode: Enforce", "mode: report", "mode:", "mode:enforce", "mode : enforce", " mode: enforce", "max_age: -1", "max_age: 31557601", "max_age: 31557600",
        "max_age: 12345678901", "max_age: 1e6", "max_age:", "mx:", "mx: *", "mx: *.*.example.org", "mx: mail.*.example.org", "mx: example.org.", "mx: mail_1.example.org",
        "mx: .example.org", "mx: m\u{e4}il.example.org", "mx: xn--ml-xka.example.org", "mx: mail.example.org, mail.example.net", "foo: bar", "foo:", "foo", "fo\u{f6}: bar", "foo: b\u{e4}r", "", " ", "version: STSv1", "version: STSv2",
        "mx: 192.0.2.1", "mx: mail.example.org\t", "mx:\tmail.example.org", "MX: mail.example.org", "mode: enforce\r", "<script>", "mx: -mail.example.org", "max_age: 604800 ",
    ],
};

const TLS_RPT: Pool = Pool {
    good: &[
        "rua=mailto:tls@example.org", "rua=https://example.org/tls", "rua=mailto:tls@example.org,https://example.org/tls",
    ],
    odd: &[
        "rua=", "rua", "rua=tls@example.org", "rua=mailto:", "rua=mailto:tls", "rua=http://example.org/", "rua=mailto:tls@example.org,", "rua = mailto:tls@example.org", "RUA=mailto:tls@example.org",
        "rua=mailto:tls@example.org mailto:b@example.org", "rua=mailto:tls@example.org!10m", "rua=https:example.org", "rua=https://", "x=y", "x=", "", " ", "v=TLSRPTv1", "rua=mailto:a@example.org , mailto:b@example.org", "rua=mailto:\u{e4}@example.org",
        "rua=https://example.org/a=b", "rua=ftp://example.org/", "rua=mailto:a@example.org,ftp://example.org/", "rua=ftp://example.org/,mailto:a@example.org", "x=y=z",
    ],
};

const BIMI: Pool = Pool {
    good: &["l=https://example.org/logo.svg", "l=", "a=https://example.org/mark.pem", "a=", "avp=brand"],
    odd: &[
        "l=http://example.org/logo.svg", "l=logo.svg", "a=http://example.org/mark.pem", "a=self", "l", "x=y", "1x=y", "", " ", "L=https://example.org/logo.svg", "l = https://example.org/logo.svg", "avp=x", "lps=",
        "l=https://example.org/a,https://example.org/b", "l=https://example.org/\u{e4}.svg", "a=https://192.0.2.1/mark.pem", "v=BIMI1", "l=https://",
    ],
};

/// Of 32 records, how many are of each kind.
const SHARES: &[(Kind, u64)] = &[
    (Kind::Spf, 13),
    (Kind::Dmarc, 8),
    (Kind::Dkim, 2),
    (Kind::MtaSts, 2),
    (Kind::MtaStsPolicy, 3),
    (Kind::TlsRpt, 2),
    (Kind::Bimi, 2),
];

/// Characters that mean something somewhere.
const CHARACTERS: &[u8] = b" \t\r\n;:=/.,-_%{}~+?!@\"\\'0129azAZ\0\x7f\xc3\xa4\xff*";

/// Random numbers of a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than a usize")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// The first records of a seed; those of a larger count begin with those of a smaller one.
pub fn records(seed: u64, count: usize) -> Vec<Record> {
    let mut random = Random(seed);
    (0..count).map(|_| record(&mut random)).collect()
}

fn record(random: &mut Random) -> Record {
    let kind = kind(random);
    let mut bytes = match kind {
        Kind::Spf => joined(random, &SPF, &["v=spf1"], &["V=SPF1", "v=spf10", "v=spf2", "v =spf1", "v=spf1\t"], " ", 6),
        Kind::Dmarc => dmarc(random),
        Kind::Dkim => joined(random, &DKIM, &["v=DKIM1"], &["v=dkim1", "v=DKIM2", "k=rsa", "v = DKIM1", " v=DKIM1"], ";", 3),
        Kind::MtaSts => joined(random, &MTA_STS, &["v=STSv1"], &["v=stsv1", "v=STSv2", "v = STSv1", "V=STSv1", "v=STSv1 "], ";", 2),
        Kind::MtaStsPolicy => policy(random),
        Kind::TlsRpt => joined(random, &TLS_RPT, &["v=TLSRPTv1"], &["v=tlsrptv1", "v=TLSRPTv2", "v = TLSRPTv1", "v=TLSRPTv1 "], ";", 2),
        Kind::Bimi => joined(random, &BIMI, &["v=BIMI1"], &["v=bimi1", "v=BIMI2", "v = BIMI1"], ";", 2),
    };
    if random.one_in(8) {
        mutate(random, &mut bytes);
    }
    Record { kind, bytes }
}

fn kind(random: &mut Random) -> Kind {
    let total: u64 = SHARES.iter().map(|(_, share)| share).sum();
    let mut at = random.next() % total;
    for (kind, share) in SHARES {
        if at < *share {
            return *kind;
        }
        at -= share;
    }
    unreachable!("the shares end at their sum")
}

/// A word of a pool; one in seven is odd.
fn word(random: &mut Random, pool: &Pool) -> &'static str {
    let odd = random.one_in(7);
    random.pick(if odd { pool.odd } else { pool.good })
}

/// So many words, of which hardly any has the name of another one; `all` is the last one most of the
/// time.
fn words(random: &mut Random, pool: &Pool, count: usize) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    for _ in 0..count {
        let word = word(random, pool);
        let name = |word: &str| word.split_once('=').map(|(name, _)| name.trim().to_owned());
        let known = name(word).is_some_and(|new| words.iter().any(|one| name(one).as_ref() == Some(&new)));
        if !known || random.one_in(12) {
            words.push(word);
        }
    }
    if !random.one_in(4) {
        words.sort_by_key(|word| word.to_ascii_lowercase().ends_with("all"));
    }
    words
}

/// A version, words, and the separator between them, with space here and there.
fn joined(
    random: &mut Random,
    pool: &Pool,
    versions: &[&'static str],
    odd_versions: &[&'static str],
    separator: &str,
    most: usize,
) -> Vec<u8> {
    let odd = random.one_in(24);
    let mut text = random.pick(if odd { odd_versions } else { versions }).to_owned();
    let spaced = random.one_in(2);
    let count = 1 + random.below(most);
    for word in words(random, pool, count) {
        text.push_str(separator);
        if spaced || random.one_in(12) {
            text.push(' ');
        }
        text.push_str(word);
    }
    if random.one_in(6) {
        text.push_str(separator);
    }
    text.into_bytes()
}

/// A DMARC record, which has a policy most of the time.
fn dmarc(random: &mut Random) -> Vec<u8> {
    let versions = ["v=DMARC1; p=none", "v=DMARC1; p=reject", "v=DMARC1;p=quarantine", "v=DMARC1"];
    let odd = ["v=dmarc1; p=none", "V=DMARC1; p=none", "v = DMARC1; p=none", "v=DMARC2; p=none", "p=none; v=DMARC1", "v=DMARC1 p=none", "v=DMARC1, p=none", "v=DMARC1 ; p=none"];
    joined(random, &DMARC, &versions, &odd, ";", 4)
}

/// A policy has each of its fields once, most of the time, and what else there is behind them.
fn policy(random: &mut Random) -> Vec<u8> {
    let end = random.pick(&["\n", "\r\n"]);
    let mut lines = vec!["version: STSv1"];
    for fields in [0..3, 3..5, 5..8] {
        let good = &POLICY.good[fields];
        lines.push(if random.one_in(8) { word(random, &POLICY) } else { random.pick(good) });
    }
    for _ in 0..random.below(3) {
        lines.push(word(random, &POLICY));
    }
    if random.one_in(6) {
        let (one, other) = (random.below(lines.len()), random.below(lines.len()));
        lines.swap(one, other);
    }
    let mut text = lines.join(end);
    if !random.one_in(4) {
        text.push_str(end);
    }
    text.into_bytes()
}

/// Some bytes are others, twice there, or missing.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(4)).min(bytes.len());
        match random.below(4) {
            0 => bytes.insert(at, random.pick(CHARACTERS)),
            1 if at < bytes.len() => bytes[at] = random.pick(CHARACTERS),
            2 if at < end => drop(bytes.drain(at..end)),
            _ => {
                let twice = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, twice);
            }
        }
    }
}
