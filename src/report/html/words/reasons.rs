//! Why a check failed, does not apply, or could not be measured, in plain words. Reasons without
//! words are shown as they are.

use super::check;
use crate::report::html::lang::{Both, Lang};
use crate::table::rows::CheckId;

/// The words of a reason; none where there are none. A check is a reason, too: of the point of a
/// profile that it decides.
pub fn reason(lang: Lang, word: &str) -> Option<&'static str> {
    let found = REASONS.iter().find(|(known, _)| *known == word);
    let known = found.map(|(_, both)| lang.of(both));
    known.or_else(|| CheckId::named(word).map(|id| lang.of(&check(id).name)))
}

macro_rules! reasons {
    ($( $word:literal: $en:literal, $cs:literal; )*) => {
        const REASONS: &[(&str, Both)] = &[$( ($word, ($en, $cs)), )*];
    };
}

reasons! {
    // Nobody asked is concerned.
    "nxdomain": "the domain does not exist", "doména neexistuje";
    "no_mail": "takes no mail", "nepřijímá poštu";
    "no_mx": "names no mail server", "neuvádí poštovní server";
    "null_mx": "says that it takes no mail", "oznamuje, že poštu nepřijímá";
    "web_only": "its address refuses mail", "její adresa poštu odmítá";
    "single_mx": "has one mail server only", "má jen jeden poštovní server";
    "no_starttls": "offers no encryption", "nenabízí šifrování";
    "no_tlsa": "publishes no DANE", "nezveřejňuje DANE";
    "no_dnssec": "is not signed", "není podepsána";
    "no_spf": "has no usable SPF", "nemá použitelné SPF";
    "no_dkim": "no DKIM key was found", "klíč DKIM nebyl nalezen";
    "no_dmarc": "has no usable DMARC", "nemá použitelný DMARC";
    "no_mta_sts": "has no MTA-STS", "nemá MTA-STS";
    "sends_mail": "sends mail", "poštu posílá";
    // It could not be measured.
    "timeout": "no answer in time", "bez odpovědi včas";
    "greeting_timeout": "the server did not greet in time", "server včas nepozdravil";
    "servfail": "the name servers of the domain failed", "jmenné servery domény selhaly";
    "lame": "the name servers do not know the domain", "jmenné servery doménu neznají";
    "refused": "the connection was refused", "spojení bylo odmítnuto";
    "reset": "the connection was broken off", "spojení bylo přerušeno";
    "closed": "the server hung up", "server zavěsil";
    "unreachable": "the server cannot be reached", "server je nedosažitelný";
    "blocked": "the server does not talk to us", "server s námi nemluví";
    "temp_reject": "the server put us off", "server nás odložil na později";
    "tls_alert": "the server broke the encryption off", "server šifrování přerušil";
    "protocol_error": "the server broke the rules of the protocol", "server porušil pravidla protokolu";
    "too_large": "the answer was too large", "odpověď byla příliš velká";
    "budget": "our limit of questions was reached", "byl vyčerpán náš limit dotazů";
    "rate_capped": "our limit of speed was reached", "byl dosažen náš limit rychlosti";
    "sni_budget": "our limit of connections to the server was reached", "byl dosažen náš limit spojení na server";
    "excluded": "asked not to be surveyed", "nepřeje si být zkoumán";
    "no_ipv6_vantage": "we had no IPv6", "neměli jsme IPv6";
    "local_fault": "a fault on our side", "chyba na naší straně";
    "internal_error": "a fault on our side", "chyba na naší straně";
    "vantage": "something on our way interfered", "cestou do toho něco zasáhlo";
    "inconsistent": "two looks saw different things", "dva pohledy se lišily";
    "unconfirmed": "could not be confirmed", "nepodařilo se potvrdit";
    "not_measured": "not measured in this survey", "v tomto průzkumu neměřeno";
    "not_observable": "cannot be seen from outside", "zvenčí nelze vidět";
    "depth": "only a deep survey tells", "zjistí jen hloubkový průzkum";
    "no_list": "no list was given", "nebyl dán seznam";
    "no_routing_data": "no routing data was given", "nebyla dána data o směrování";
    "store_missing": "a list of authorities was not given", "nebyl dán seznam autorit";
    "not_seen": "was not seen", "nebylo vidět";
    "mx_truncated": "has too many mail servers to ask all", "má příliš mnoho poštovních serverů";
    "wildcard": "answers to any name, so keys cannot be told", "odpovídá na jakékoli jméno, klíče nelze rozeznat";
    "compact_denial": "its name servers do not tell whether a name exists", "jmenné servery neřeknou, zda jméno existuje";
    "selector_unknown": "has keys under names that we do not know", "má klíče pod jmény, která neznáme";
    "depends_on_sender": "depends on who sends", "závisí na odesílateli";
    "second_certificate_not_measured": "a second certificate was not seen", "druhý certifikát nebyl vidět";
    "zone_unknown": "the signatures could not be read", "podpisy se nepodařilo přečíst";
    // It fails.
    "no_record": "publishes none", "nezveřejňuje nic";
    "several_records": "publishes several, which count as none", "zveřejňuje jich víc, což platí jako žádný";
    "syntax": "is misspelled", "je chybně zapsán";
    "mx_unusable": "its mail servers cannot be used by anybody", "její poštovní servery nelze použít";
    "cname": "a mail server is given by an alias", "poštovní server je uveden aliasem";
    "ip_literal": "a mail server is given by a number", "poštovní server je uveden číslem";
    "no_address": "a mail server has no address", "poštovní server nemá adresu";
    "special_purpose": "an address is not a public one", "adresa není veřejná";
    "null_mx_beside_others": "says that it takes no mail, and names servers", "oznamuje, že poštu nepřijímá, a přitom uvádí servery";
    "no_aaaa": "no mail server has an IPv6 address", "žádný poštovní server nemá adresu IPv6";
    "not_offered": "encryption is not offered", "šifrování se nenabízí";
    "handshake": "encryption does not come about", "šifrování se nenaváže";
    "stripped": "encryption is removed on the way", "šifrování je cestou odstraněno";
    "tls_1_0": "TLS 1.0", "TLS 1.0";
    "tls_1_1": "TLS 1.1", "TLS 1.1";
    "tls_1_2": "TLS 1.2", "TLS 1.2";
    "tls_1_3": "TLS 1.3", "TLS 1.3";
    "ssl_3_0": "SSL 3.0", "SSL 3.0";
    "3des": "accepts the cipher 3DES", "přijímá šifru 3DES";
    "rc4": "accepts the cipher RC4", "přijímá šifru RC4";
    "anonymous": "accepts encryption without a certificate", "přijímá šifrování bez certifikátu";
    "static_key_exchange": "uses the same key for everything", "používá na všechno týž klíč";
    "classical": "uses classical cryptography only", "používá jen klasickou kryptografii";
    "self_signed": "vouches for itself", "zaručuje se sám za sebe";
    "unknown_issuer": "an unknown authority vouches for it", "zaručuje se za něj neznámá autorita";
    "missing_intermediate": "a link to the authority is missing", "chybí článek k autoritě";
    "mismatch": "made out to something else", "vystaven na něco jiného";
    "cn_only": "names the server in an outdated way", "uvádí server zastaralým způsobem";
    "expired": "expired", "prošlý";
    "not_yet_valid": "not valid yet", "ještě neplatí";
    "weak_key": "a weak key", "slabý klíč";
    "key_not_listed": "a kind of key that is not listed", "druh klíče, který není na seznamu";
    "unknown_key": "a kind of key that is not known here", "druh klíče, který zde není znám";
    "weak_signature": "a weak signature", "slabý podpis";
    "insecure": "is not signed", "není podepsána";
    "bogus": "its signature is wrong", "podpis je chybný";
    "host_insecure": "a mail server is not signed", "poštovní server není podepsán";
    "host_bogus": "the signature of a mail server is wrong", "podpis poštovního serveru je chybný";
    "mx_insecure": "the domain is not signed", "doména není podepsána";
    "tlsa_bogus": "the signature of the DANE record is wrong", "podpis záznamu DANE je chybný";
    "tlsa_unusable": "the DANE record cannot be used", "záznam DANE nelze použít";
    "single_record": "only the present key is published", "zveřejněn je jen současný klíč";
    "all_in_use": "all published keys are in use", "všechny zveřejněné klíče se používají";
    "testing": "on trial only", "jen na zkoušku";
    "mode_none": "is switched off", "je vypnuta";
    "max_age": "is valid for too short a time", "platí příliš krátce";
    "policy_broken": "the policy cannot be used", "politiku nelze použít";
    "host_no_address": "the web server of the policy has no address", "webový server politiky nemá adresu";
    "http_404": "the web server has no policy", "webový server politiku nemá";
    "not_covered": "does not name every mail server", "neuvádí každý poštovní server";
    "neither": "has neither DANE nor an enforced MTA-STS", "nemá DANE ani vynucované MTA-STS";
    "~all": "others are only suspect (~all)", "ostatní jsou jen podezřelí (~all)";
    "?all": "says nothing of others (?all)", "o ostatních neříká nic (?all)";
    "+all": "allows everybody (+all)", "povoluje kohokoli (+all)";
    "no_all": "says nothing of others", "o ostatních neříká nic";
    "includes_all": "a list that it includes allows everybody", "zahrnutý seznam povoluje kohokoli";
    "too_many_lookups": "refers to too many others", "odkazuje na příliš mnoho dalších";
    "too_many_void_lookups": "refers to names that do not exist", "odkazuje na neexistující jména";
    "too_many_mx_names": "refers to too many mail servers", "odkazuje na příliš mnoho poštovních serverů";
    "no_key": "no key was found", "klíč nebyl nalezen";
    "revoked_only": "only revoked keys", "jen odvolané klíče";
    "none": "forgeries are only reported", "podvrhy se jen hlásí";
    "quarantine": "forgeries are put aside, not refused", "podvrhy se odkládají, neodmítají";
    "sp": "subdomains are less protected", "poddomény jsou chráněny méně";
    "np": "names that do not exist are less protected", "neexistující jména jsou chráněna méně";
    "no_rua": "asks for no reports", "o hlášení nežádá";
    "not_authorised": "the receiver of the reports did not agree", "příjemce hlášení nesouhlasil";
    "https_only": "wants reports in a way that nobody sends them", "chce hlášení způsobem, jakým je nikdo neposílá";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_reason_has_words_once() {
        let mut known = BTreeSet::new();
        for (word, (en, cs)) in REASONS {
            assert!(known.insert(word), "{word}");
            assert!(!en.is_empty() && !cs.is_empty(), "{word}");
        }
        assert_eq!(reason(Lang::Cs, "no_mail"), Some("nepřijímá poštu"));
        // A check that decides a point.
        assert_eq!(reason(Lang::En, "mta_sts"), Some("MTA-STS policy"));
        assert_eq!(reason(Lang::En, "<script>"), None);
    }
}
