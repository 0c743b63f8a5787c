//! Every check in words for people who never saw DNS: what it is called, what a pass means, and
//! where it belongs. A check without words does not compile.

use crate::report::html::lang::Both;
use crate::table::rows::CheckId;

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Whether mail arrives.
    Receiving,
    /// Encryption on the way.
    Encryption,
    /// Certificates of mail servers.
    Certificates,
    /// Signed answers of the DNS, and DANE.
    Dns,
    /// Policies against downgrades, and routes.
    Policies,
    /// Protection against forged senders.
    Senders,
    /// Access of people to their mailboxes.
    Clients,
}

impl Area {
    /// Its name.
    pub fn name(self) -> Both {
        match self {
            Self::Receiving => ("Receiving mail", "Příjem pošty"),
            Self::Encryption => ("Encryption in transit", "Šifrování při přenosu"),
            Self::Certificates => ("Certificates", "Certifikáty"),
            Self::Dns => ("Signed DNS and DANE", "Podepsané DNS a DANE"),
            Self::Policies => ("Policies and routes", "Politiky a směrování"),
            Self::Senders => ("Forged senders", "Podvržení odesílatele"),
            Self::Clients => ("Access to mailboxes", "Přístup ke schránkám"),
        }
    }
}

/// A check in words.
pub struct CheckWords {
    /// Where it belongs.
    pub area: Area,
    /// What it is called.
    pub name: Both,
    /// What a pass means.
    pub says: Both,
}

/// Declares the words of every check: its name, then what a pass means, in English and in Czech.
macro_rules! words {
    ($( $id:ident in $area:ident: $name:literal, $name_cs:literal; $says:literal, $says_cs:literal; )*) => {
        /// The words of a check.
        pub fn check(id: CheckId) -> CheckWords {
            match id {
                $( CheckId::$id => CheckWords {
                    area: Area::$area,
                    name: ($name, $name_cs),
                    says: ($says, $says_cs),
                }, )*
            }
        }
    };
}

words! {
    ReceivesMail in Receiving: "Receives e-mail", "Přijímá e-mail";
        "Mail can be delivered to the domain.",
        "Do domény lze doručit poštu.";
    MxWellformed in Receiving: "Mail servers are named properly", "Poštovní servery jsou správně uvedeny";
        "The domain names its mail servers (MX records) in a way that every sender can use.",
        "Doména uvádí své poštovní servery (záznamy MX) tak, že jim rozumí každý odesílatel.";
    MxIpv6 in Receiving: "Mail over IPv6", "Pošta po IPv6";
        "A mail server answers over IPv6, the present version of the Internet Protocol.",
        "Některý poštovní server odpovídá i po IPv6, současné verzi internetového protokolu.";
    MxUniform in Receiving: "Backup servers as good as the main one", "Záložní servery stejně dobré jako hlavní";
        "Every backup mail server protects mail as well as the main one does.",
        "Každý záložní poštovní server chrání poštu stejně dobře jako hlavní.";
    Starttls in Encryption: "Encrypted transport (STARTTLS)", "Šifrovaný přenos (STARTTLS)";
        "Every mail server of the domain lets senders encrypt mail on its way.",
        "Každý poštovní server domény umožňuje odesílatelům poštu při přenosu šifrovat.";
    Tls12 in Encryption: "TLS 1.2 or newer", "TLS 1.2 nebo novější";
        "Every mail server speaks a version of encryption that is still considered safe.",
        "Každý poštovní server umí verzi šifrování, která se dosud považuje za bezpečnou.";
    Tls13 in Encryption: "TLS 1.3", "TLS 1.3";
        "Every mail server speaks the newest version of encryption.",
        "Každý poštovní server umí nejnovější verzi šifrování.";
    NoSsl in Encryption: "No SSL 2.0 or 3.0", "Bez SSL 2.0 a 3.0";
        "No mail server accepts the versions of encryption that were broken long ago.",
        "Žádný poštovní server nepřijímá dávno prolomené verze šifrování.";
    NoTls10Or11 in Encryption: "No TLS 1.0 or 1.1", "Bez TLS 1.0 a 1.1";
        "No mail server accepts versions of encryption that were withdrawn in 2021.",
        "Žádný poštovní server nepřijímá verze šifrování stažené v roce 2021.";
    NoWeakCiphers in Encryption: "No weak ciphers", "Bez slabých šifer";
        "Every mail server refuses a sender that offers only ciphers known to be weak.",
        "Každý poštovní server odmítne odesílatele, který nabízí jen prokazatelně slabé šifry.";
    CiphersWithin in Encryption: "Only ciphers of a given list", "Jen šifry z daného seznamu";
        "No mail server accepts a cipher that a given list does not allow.",
        "Žádný poštovní server nepřijímá šifru, kterou daný seznam nepovoluje.";
    GroupsWithin in Encryption: "Only key exchanges of a given list", "Jen výměny klíčů z daného seznamu";
        "No mail server agrees on keys in a way that a given list does not allow.",
        "Žádný poštovní server nesjednává klíče způsobem, který daný seznam nepovoluje.";
    ForwardSecrecy in Encryption: "Forward secrecy", "Dopředné utajení";
        "Mail that was recorded on its way stays secret even if the server's key is stolen later.",
        "Zachycená pošta zůstane tajná, i kdyby byl klíč serveru později odcizen.";
    PqKeyExchange in Encryption: "Post-quantum key exchange", "Postkvantová výměna klíčů";
        "Mail recorded today stays secret from the quantum computers of tomorrow. For information only.",
        "Dnes zachycená pošta zůstane tajná i před budoucími kvantovými počítači. Jen pro informaci.";
    CertTrusted in Certificates: "Trusted certificate", "Důvěryhodný certifikát";
        "A recognised authority vouches for every mail server.",
        "Za každý poštovní server se zaručila uznávaná autorita.";
    CertName in Certificates: "Certificate for the right name", "Certifikát na správné jméno";
        "The certificate of every mail server was made out to that server.",
        "Certifikát každého poštovního serveru byl vystaven na tento server.";
    CertCurrent in Certificates: "Certificate not expired", "Certifikát v platnosti";
        "The certificate of every mail server was valid on the day it was seen.",
        "Certifikát každého poštovního serveru platil v den, kdy jsme ho viděli.";
    CertStrong in Certificates: "Strong certificate", "Silný certifikát";
        "The certificates use keys and signatures that cannot be broken today.",
        "Certifikáty používají klíče a podpisy, které dnes nelze prolomit.";
    DnssecDomain in Dns: "Signed domain (DNSSEC)", "Podepsaná doména (DNSSEC)";
        "What the domain says of its mail servers is signed: nobody can forge it on the way.",
        "Údaj o poštovních serverech domény je podepsán: nikdo ho cestou nepodvrhne.";
    DnssecMailHosts in Dns: "Signed mail servers (DNSSEC)", "Podepsané poštovní servery (DNSSEC)";
        "The addresses of every mail server are signed, too.",
        "Podepsány jsou i adresy všech poštovních serverů.";
    DnssecAlgorithms in Dns: "Strong DNSSEC signatures", "Silné podpisy DNSSEC";
        "All those signatures are of a kind that cannot be forged today.",
        "Všechny tyto podpisy jsou takové, že je dnes nelze padělat.";
    DanePublished in Dns: "DANE is published", "DANE je zveřejněno";
        "The domain publishes, signed, how to recognise its mail servers: encryption becomes compulsory.",
        "Doména podepsaně zveřejňuje, podle čeho poznat její poštovní servery: šifrování se stává povinným.";
    DaneValid in Dns: "DANE works", "DANE funguje";
        "Every mail server shows what was published of it, so that senders can be sure whom they talk to.",
        "Každý poštovní server se prokáže tím, co je o něm zveřejněno; odesílatel má jistotu, s kým mluví.";
    DaneRollover in Dns: "DANE ready for a new key", "DANE připraveno na nový klíč";
        "The published records already announce the next key. For information only.",
        "Zveřejněné záznamy už ohlašují příští klíč. Jen pro informaci.";
    MtaSts in Policies: "MTA-STS policy", "Politika MTA-STS";
        "The domain publishes on the web that mail for it has to be encrypted.",
        "Doména na webu zveřejňuje, že pošta pro ni má být šifrována.";
    MtaStsEnforced in Policies: "MTA-STS is enforced", "MTA-STS se vynucuje";
        "That policy is in force, not only on trial.",
        "Tato politika platí naostro, ne jen na zkoušku.";
    MtaStsCoversMx in Policies: "MTA-STS covers all servers", "MTA-STS pokrývá všechny servery";
        "That policy names every mail server, and their certificates satisfy it.",
        "Tato politika uvádí každý poštovní server a jejich certifikáty jí vyhovují.";
    TlsRpt in Policies: "Failures are reported (TLS-RPT)", "Hlášení o selhání (TLS-RPT)";
        "The domain asks senders to report when encryption fails.",
        "Doména žádá odesílatele, aby hlásili, když se šifrování nezdaří.";
    DowngradeProtected in Policies: "Encryption cannot be switched off", "Šifrování nelze vypnout";
        "Somebody in between cannot make senders fall back to open text: DANE or MTA-STS forbids it.",
        "Nikdo po cestě nepřiměje odesílatele k nešifrovanému přenosu: brání tomu DANE nebo MTA-STS.";
    RouteOriginValid in Policies: "Routes are authorised (RPKI)", "Ověřené směrování (RPKI)";
        "Nobody but the right network may claim the addresses of the mail servers.",
        "K adresám poštovních serverů se smí hlásit jen oprávněná síť.";
    Spf in Senders: "Lists its senders (SPF)", "Seznam odesílajících serverů (SPF)";
        "The domain publishes which servers may send mail in its name.",
        "Doména zveřejňuje, které servery smějí posílat poštu jejím jménem.";
    SpfLookups in Senders: "SPF is not too long", "SPF není příliš dlouhé";
        "Receivers can read that list to its end without giving up.",
        "Příjemci mohou tento seznam dočíst do konce, aniž by to vzdali.";
    SpfRestrictive in Senders: "SPF excludes all others", "SPF vylučuje ostatní";
        "The list says that all other servers are suspect (~all) or forbidden (-all).",
        "Seznam říká, že ostatní servery jsou podezřelé (~all) nebo zakázané (-all).";
    SpfHardfail in Senders: "SPF forbids all others", "SPF zakazuje ostatní";
        "The list says that all other servers are forbidden (-all).",
        "Seznam říká, že ostatní servery jsou zakázané (-all).";
    SpfNarrow in Senders: "SPF allows few addresses", "SPF povoluje málo adres";
        "The list is not so wide that strangers are on it, too. For information only.",
        "Seznam není tak široký, že by v něm byli i cizí. Jen pro informaci.";
    Dkim in Senders: "Signed messages (DKIM)", "Podepsané zprávy (DKIM)";
        "A key was found with which receivers can verify the signature on messages.",
        "Byl nalezen klíč, kterým příjemci ověří podpis zpráv.";
    DkimKeys in Senders: "Strong DKIM keys", "Silné klíče DKIM";
        "Every such key that was found is long enough and in real use.",
        "Každý nalezený klíč je dost dlouhý a není jen zkušební.";
    Dmarc in Senders: "Policy on forgeries (DMARC)", "Politika proti podvrhům (DMARC)";
        "The domain publishes what receivers should do with mail that forges its name.",
        "Doména zveřejňuje, co mají příjemci dělat s poštou, která zneužívá její jméno.";
    DmarcEnforced in Senders: "Forgeries are stopped (DMARC enforced)", "Podvrhy se zastavují (DMARC vynucen)";
        "Receivers are asked to refuse forged mail, or to put it aside.",
        "Příjemci mají podvrženou poštu odmítnout, nebo ji odložit do karantény.";
    DmarcSampling in Senders: "DMARC applies to all messages", "DMARC platí pro všechny zprávy";
        "That policy applies to every message, not to some of them on trial.",
        "Tato politika platí pro každou zprávu, ne jen zkusmo pro některé.";
    DmarcReject in Senders: "Forgeries are refused (DMARC reject)", "Podvrhy se odmítají (DMARC reject)";
        "Receivers are asked to refuse forged mail outright.",
        "Příjemci mají podvrženou poštu rovnou odmítnout.";
    DmarcSubdomains in Senders: "DMARC protects subdomains", "DMARC chrání i poddomény";
        "Names below the domain are protected as strictly as the domain itself.",
        "Jména pod doménou jsou chráněna stejně přísně jako doména sama.";
    DmarcReports in Senders: "DMARC reports arrive", "Hlášení DMARC docházejí";
        "Reports about forgeries go to somebody who agreed to receive them.",
        "Hlášení o podvrzích jdou někomu, kdo je chce dostávat.";
    NonSendingLocked in Senders: "Silent domains are locked", "Mlčící domény jsou zamčené";
        "A domain that sends no mail says so, and asks receivers to refuse mail in its name.",
        "Doména, která poštu neposílá, to oznamuje a žádá o odmítnutí pošty svým jménem.";
    ImapTlsOnly in Clients: "Reading mail only encrypted (IMAP)", "Čtení pošty jen šifrovaně (IMAP)";
        "Nobody can log in to read mail by IMAP without encryption.",
        "Ke čtení pošty přes IMAP se nelze přihlásit bez šifrování.";
    Pop3TlsOnly in Clients: "Fetching mail only encrypted (POP3)", "Stahování pošty jen šifrovaně (POP3)";
        "Nobody can log in to fetch mail by POP3 without encryption.",
        "Ke stahování pošty přes POP3 se nelze přihlásit bez šifrování.";
    SubmissionTlsOnly in Clients: "Handing in mail only encrypted", "Odesílání pošty jen šifrovaně";
        "Nobody can log in to send mail without encryption.",
        "K odeslání pošty se nelze přihlásit bez šifrování.";
    ClientTls in Clients: "Current encryption for mail programs", "Současné šifrování pro poštovní programy";
        "The servers that mail programs use speak current versions of encryption, and no old ones.",
        "Servery pro poštovní programy umějí současné verze šifrování a žádné staré.";
    ClientCert in Clients: "Sound certificates for mail programs", "Řádné certifikáty pro poštovní programy";
        "The certificates of those servers are trusted, valid and made out to them.",
        "Certifikáty těchto serverů jsou důvěryhodné, platné a vystavené na ně.";
    WebmailHttps in Clients: "Webmail only encrypted (HTTPS)", "Webmail jen šifrovaně (HTTPS)";
        "Mail on the web is served over an encrypted connection alone.",
        "Pošta na webu je dostupná jen šifrovaným spojením.";
    WebmailHsts in Clients: "Webmail stays encrypted (HSTS)", "Webmail zůstává šifrovaný (HSTS)";
        "Browsers are told never to open mail on the web without encryption.",
        "Prohlížeče mají přikázáno neotevírat poštu na webu bez šifrování.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_in_both_languages() {
        let mut names = [BTreeSet::new(), BTreeSet::new()];
        for id in CheckId::ALL {
            let CheckWords { name, says, .. } = check(*id);
            assert!(names[0].insert(name.0), "{}", name.0);
            assert!(names[1].insert(name.1), "{}", name.1);
            for sentence in [says.0, says.1] {
                assert!(sentence.ends_with('.'), "{sentence}");
            }
            assert_ne!(says.0, says.1, "{id}");
        }
    }
}
