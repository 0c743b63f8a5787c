//! The texts of the page. `{0}`, `{1}`, … are places that are filled.

macro_rules! texts {
    ($( $name:ident: $en:literal, $cs:literal; )*) => {
        /// Everything that the page says in one language, but for checks and reasons.
        pub struct Texts {
            $( pub $name: &'static str, )*
        }

        /// English.
        pub const EN: Texts = Texts { $( $name: $en, )* };

        /// Czech.
        pub const CS: Texts = Texts { $( $name: $cs, )* };

        #[cfg(test)]
        pub const ALL: &[(&str, &str, &str)] = &[$( (stringify!($name), $en, $cs), )*];
    };
}

texts! {
    title: "How domains protect their e-mail", "Jak domény chrání svůj e-mail";
    skip: "Skip to the content", "Přejít k obsahu";
    contents: "Contents", "Obsah";
    lead: "The survey of {0} looked at how domains handle e‑mail: {1}, of which take e‑mail: {2}.",
        "Průzkum ze dne {0} zjišťoval, jak domény zacházejí s e‑mailem: {1}, z toho {2} e‑mail přijímá.";
    lead_unknown: "Everything below was seen from outside, as any sender of mail sees it. What could not be measured is counted as unknown, never as a fault.",
        "Vše níže bylo vidět zvenčí, jak to vidí každý odesílatel pošty. Co se nepodařilo změřit, je vedeno jako nezjištěné, nikdy jako chyba.";
    headlines: "In short", "Stručně";
    legend: "How to read the bars", "Jak číst pruhy";
    legend_all: "A bar is all {0} of the survey, or, where the figure says so, those of them that take mail.", "Pruh představuje všechny zkoumané domény ({0}), nebo, kde to údaj říká, ty z nich, které přijímají poštu.";
    pass: "pass", "splňuje";
    fail: "fail", "nesplňuje";
    unknown: "unknown", "nezjištěno";
    not_applicable: "does not apply", "netýká se";
    pass_means: "it was seen that the domain does it", "bylo vidět, že to doména má";
    fail_means: "it was seen that the domain does not", "bylo vidět, že to doména nemá";
    unknown_means: "it could not be measured; nothing is claimed", "nepodařilo se změřit; nic se netvrdí";
    not_applicable_means: "the question makes no sense for the domain", "otázka pro doménu nemá smysl";
    of_measured: "{0} of {1} that it concerns and that could be measured", "{0} z {1}, kterých se to týká a které se podařilo změřit";
    of_receiving: "{0} of {1} (all that take mail); unknown: {2}", "{0} z {1} (všechny, které přijímají poštu); nezjištěno: {2}";
    not_measured: "not measured", "neměřeno";
    all_unknown: "unknown", "nezjištěno";
    nobody: "applies to none", "netýká se žádné";
    checks: "All checks", "Všechny kontroly";
    checks_lead: "Each row is one question that was put to every domain. The share is of those domains that it concerns and that could be measured.",
        "Každý řádek je jedna otázka položená každé doméně. Podíl je z domén, kterých se týká a které se podařilo změřit.";
    check: "Check", "Kontrola";
    share: "Share", "Podíl";
    share_of_receiving: "Of all that take mail", "Ze všech, které přijímají poštu";
    table: "Table", "Tabulka";
    why: "Why", "Proč";
    without: "does not", "nesplňuje";
    others: "further reasons: {0}", "a další důvody ({0})";
    filter: "Filter rows", "Filtrovat řádky";
    rows_shown: "{shown} of {all} rows shown", "Zobrazeno řádků: {shown} z {all}";
    made_by: "Made by mailcensus {0} from the survey {1}. The page needs no network and no script.", "Vytvořil mailcensus {0} z průzkumu {1}. Stránka nepotřebuje síť ani skripty.";
    cell_of: "{0} of {1}", "{0} z {1}";
    cell_unknown: "{0} unknown", "{0} nezjištěno";
    sample: "This is a sample. Counts are of the domains that were asked; shares are weighted so that they speak of the whole list, and ± is half of their 95 % interval: if the sample were drawn again and again, the true share would lie inside it 95 times of 100. The interval says nothing of the unknown.",
        "Toto je výběrový průzkum. Počty jsou počty dotázaných domén; podíly jsou převáženy tak, aby vypovídaly o celém seznamu, a ± je polovina jejich 95% intervalu: kdyby se výběr opakoval, ležel by skutečný podíl uvnitř v 95 případech ze 100. O nezjištěných interval nic neříká.";
    empty: "The survey holds no domain: there is nothing to show.", "Průzkum neobsahuje žádnou doménu: není co ukázat.";
    population: "Who was asked", "Koho se průzkum ptal";
    population_lead: "Not every domain is used for e-mail. These kinds were found.", "Ne každá doména slouží pro e-mail. Nalezeny byly tyto druhy.";
    kind: "The domain …", "Doména …";
    domains: "Domains", "Domén";
    receiving: "Take mail", "Přijímá poštu";
    silent: "Domains that say that they send no mail: {0}; that do not say so: {1}; not known: {2}.",
        "Domény, které oznamují, že poštu neposílají: {0}; které to neoznamují: {1}; nezjištěno: {2}.";
    policies: "Published policies", "Zveřejněné politiky";
    policies_lead: "A policy says what others should do. The left end of each bar is the strictest; a policy that only watches does not stop anything yet.",
        "Politika říká ostatním, co mají dělat. Levý konec pruhu je nejpřísnější; politika, která jen sleduje, zatím nic nezastaví.";
    dmarc: "DMARC: what to do with forged mail", "DMARC: co s podvrženou poštou";
    dmarc_for: "Receivers are told what to do with mail that only claims to come from the domain.", "Příjemcům říká, co s poštou, která se za doménu jen vydává.";
    dmarc_reject: "refuse it (reject)", "odmítnout (reject)";
    dmarc_quarantine: "put it aside (quarantine)", "odložit (quarantine)";
    dmarc_none: "only report it (none)", "jen hlásit (none)";
    spf: "SPF: what of servers that are not listed", "SPF: co s neuvedenými servery";
    spf_for: "The end of the list says what to think of every server that is not on it. Counted is how a list ends, also where the rest of it cannot be used.", "Konec seznamu říká, co si myslet o serveru, který v něm není. Počítá se, jak seznam končí, i když jeho zbytek použít nelze.";
    spf_hardfail: "forbidden (-all)", "zakázány (-all)";
    spf_softfail: "suspect (~all)", "podezřelé (~all)";
    spf_open: "nothing said, or allowed (?all, +all, none)", "nic, nebo povoleny (?all, +all, bez konce)";
    mta_sts: "MTA-STS: whether encryption is demanded", "MTA-STS: zda se šifrování vyžaduje";
    mta_sts_for: "Senders are told to deliver only over an encrypted connection to the right server.", "Odesílatelům říká, aby doručovali jen šifrovaně a správnému serveru.";
    sts_enforce: "demanded (enforce)", "vyžaduje se (enforce)";
    sts_testing: "on trial (testing)", "na zkoušku (testing)";
    sts_broken: "there, but without effect", "zveřejněno, ale bez účinku";
    no_record: "no usable policy", "bez použitelné politiky";
    versions: "Versions of encryption", "Verze šifrování";
    versions_lead: "A domain accepts a version if one of its mail servers does. Accepting an old version beside a new one keeps a door open. Counted are servers that were seen to encrypt at all. Unknown is a version that no connection told: who takes a newer one is not always asked for it.",
        "Doména verzi přijímá, přijímá-li ji některý její poštovní server. Stará verze vedle nové nechává otevřená vrátka. Počítány jsou servery, u nichž bylo šifrování vidět. Nezjištěno je u verze, o které žádné spojení nevypovědělo: kdo přijme novější, není na starší vždy tázán.";
    version: "Version", "Verze";
    version_newest: "newest", "nejnovější";
    version_good: "good", "dobrá";
    version_old: "outdated", "zastaralá";
    version_broken: "broken", "prolomená";
    accepted: "accepted", "přijímá";
    refused: "refused", "odmítá";
    of_domains: "Domains: accepted, refused, unknown", "Domény: přijímá, odmítá, nezjištěno";
    domains_accept: "Domains that accept", "Domén přijímá";
    domains_refuse: "refuse", "odmítá";
    addresses_accept: "Addresses that accept", "Adres přijímá";
    operators: "Who runs the mail", "Kdo poštu provozuje";
    operator: "Operator", "Provozovatel";
    operators_all: "Operators: {0}. Domains whose mail they run: {1}. Domains that take mail and whose operator is not known: {2}.",
        "Provozovatelů: {0}. Domén, jejichž poštu provozují: {1}. Domén, které poštu přijímají a jejichž provozovatel není znám: {2}.";
    operators_top_5: "The five largest together have {0} of them. What one of them improves, improves for all of its domains.",
        "Pět největších má dohromady {0} z nich. Co zlepší jeden z nich, zlepší se u všech jeho domén.";
    operators_hhi: "Concentration (Herfindahl-Hirschman index): {0}. 1 would be a single operator, 0 countless small ones.",
        "Koncentrace (Herfindahlův-Hirschmanův index): {0}. 1 by byl jediný provozovatel, 0 nespočet malých.";
    operators_rest: "Operators that are named here: {0} of {1}, the largest; domains that each of them has at least: {2}. All of them count above; more may be in the CSV and the JSON.",
        "Jmenovaných provozovatelů: {0} z {1}, a to největší; domén má každý aspoň: {2}. Výše se počítají všichni; další mohou být v CSV a JSON.";
    no_operators: "There is no domain whose operator is known.", "Není doména, jejíž provozovatel by byl znám.";
    others_of_it: "all others", "všichni ostatní";
    dane_operators: "Operators with most domains protected by DANE", "Provozovatelé s nejvíce doménami chráněnými DANE";
    dane_domains: "Domains with DANE", "Domén s DANE";
    countries: "In which countries mail is taken", "V kterých zemích se pošta přijímá";
    countries_lead: "A country, told by its two-letter code, is where the addresses that mail goes to first are registered. That is the entry of a registry: the machine itself may stand elsewhere.",
        "Země, uvedená dvoupísmenným kódem, je ta, kde jsou registrovány adresy, na které pošta jde nejdříve. To je údaj z registru: stroj sám může stát jinde.";
    countries_all: "It is known of {0} domains that take mail; countries that have one to themselves: {1}.",
        "Domény, které poštu přijímají a u kterých je to známo: {0}; země, které mají některou jen pro sebe: {1}.";
    countries_several: "Domains whose addresses are in several countries: {0} ({1}); with DANE: {2}. They belong to none of the countries.",
        "Domény s adresami ve více zemích: {0} ({1}); s DANE: {2}. Nepatří k žádné ze zemí.";
    countries_unknown: "Domains that take mail and whose country is not known; they are in none of the shares:",
        "Domény, které poštu přijímají a jejichž země není známa; nejsou v žádném z podílů:";
    country_not_in_table: "the table of countries has none of the addresses", "tabulka zemí nemá žádnou z adres";
    country_addresses_unknown: "not all addresses could be learned", "nepodařilo se zjistit všechny adresy";
    country: "Country", "Země";
    countries_rest: "{0} of {1} countries are named here: the largest, with {2} domains or more. All of them count above; more may be in the JSON.",
        "Jmenováno je {0} z {1} zemí: největší, aspoň s {2} doménami. Výše se počítají všechny; další mohou být v JSON.";
    no_countries: "There is no domain whose country is known.", "Není doména, jejíž země by byla známa.";
    dane_countries: "Countries with most domains protected by DANE", "Země s nejvíce doménami chráněnými DANE";
    groups: "By group", "Podle skupin";
    by_tld: "By top-level domain", "Podle domény nejvyššího řádu";
    by_operator: "By operator of the mail", "Podle provozovatele pošty";
    by_other: "By {0}", "Podle {0}";
    group: "Group", "Skupina";
    groups_lead: "Under each share stand the domains it is of, and how many are unknown where some are. A small group changes much by one domain.",
        "Pod každým podílem je, z kolika domén je, a jsou-li nějaké nezjištěné, kolik jich je. Malou skupinu jediná doména hodně změní.";
    groups_rest: "These are the {0} largest of {1} groups; the rest is in the CSV and the JSON.", "Toto je {0} největších z {1} skupin; ostatní jsou v CSV a JSON.";
    group_none: "(without)", "(bez údaje)";
    by_country: "By country", "Podle zemí";
    group_several: "(several countries)", "(více zemí)";
    group_not_in_table: "(country not in the table)", "(země není v tabulce)";
    group_addresses_unknown: "(addresses not known)", "(adresy nezjištěny)";
    group_no_address: "(mail servers without an address)", "(poštovní servery bez adresy)";
    group_no_host: "(no mail server)", "(bez poštovního serveru)";
    group_other: "(all other groups: {0})", "(všechny ostatní skupiny: {0})";
    profiles: "Rule books", "Pravidla a nařízení";
    profiles_lead: "A rule book says what domains have to do. Each of its points is shown by checks; what cannot be seen from outside is said so, and is not counted as met.",
        "Pravidla říkají, co mají domény splňovat. Každý jejich bod dokládají kontroly; co zvenčí vidět nelze, je takto označeno a nepočítá se za splněné.";
    profile_version: "{0}, version {1}", "{0}, verze {1}";
    status_in_force: "in force", "platné";
    status_superseded: "superseded", "nahrazené";
    status_draft: "draft", "návrh";
    status_informal: "of no authority", "neúřední";
    point: "Point", "Bod";
    points_rest: "These are the first {0} of {1} points; the rest is in the CSV and the JSON.", "Toto je prvních {0} z {1} bodů; ostatní jsou v CSV a JSON.";
    level_must: "must", "povinné";
    level_should: "should", "doporučené";
    level_guidance: "guidance", "vodítko";
    observable_full: "seen from outside", "vidět zvenčí";
    observable_partial: "partly seen from outside", "zčásti vidět zvenčí";
    observable_no: "not seen from outside", "zvenčí nevidět";
    not_seen: "cannot be seen from outside", "zvenčí nelze vidět";
    due: "Due", "Termín uplynul";
    overdue: "Overdue", "Po termínu";
    to_be_justified: "To be justified", "Třeba odůvodnit";
    justified: "Justified", "Odůvodněno";
    due_lead: "Due: domains that had to meet the point by the day of the survey. Overdue: those of them that do not. To be justified: domains that do not, where the text allows reasons and none was given.",
        "Termín uplynul: domény, které měly bod splnit do dne průzkumu. Po termínu: ty z nich, které ho nesplňují. Třeba odůvodnit: domény, které bod nesplňují, text připouští důvody a žádný nebyl dán.";
    changes: "Change against earlier surveys", "Změna proti dřívějším průzkumům";
    series_lead: "Each drawing is one share, from 0 to 100 %, from {0} to {1}.", "Každý obrázek je jeden podíl od 0 do 100 %, od {0} do {1}.";
    series_note: "A share can also change because other domains were asked, or because more could be measured; the tables of changes below only compare domains that are in both surveys.",
        "Podíl se může změnit i tím, že byly dotázány jiné domény nebo že se jich podařilo změřit víc; tabulky změn níže srovnávají jen domény z obou průzkumů.";
    series_samples: "Some of the surveys are samples: their shares are estimates for the whole list, and ± is half of their 95 % interval.",
        "Některé z průzkumů jsou výběrové: jejich podíly jsou odhady pro celý seznam a ± je polovina jejich 95% intervalu.";
    series_rest: "These are the newest {0} of {1} surveys; the rest is in the CSV and the JSON.", "Toto je nejnovějších {0} z {1} průzkumů; ostatní jsou v CSV a JSON.";
    survey: "Survey", "Průzkum";
    since: "Since {0} ({1})", "Od {0} ({1})";
    compared: "Domains in both surveys: {0}; new: {1}; gone: {2}.", "Domén v obou průzkumech: {0}; nových: {1}; ubylo: {2}.";
    comparisons_rest: "These are the newest {0} of {1} earlier surveys; the rest is in the CSV and the JSON.", "Toto jsou nejnovější {0} z {1} dřívějších průzkumů; ostatní jsou v CSV a JSON.";
    changes_note: "Adopted: failed before, passes now. Regressed: passed before, fails now. Became unknown, or known: it could not be measured in one of the two surveys, which is neither better nor worse.",
        "Zavedeno: dříve nesplňovala, nyní splňuje. Zhoršeno: dříve splňovala, nyní ne. Nově nezjištěno či zjištěno: v jednom z průzkumů se nepodařilo měřit, což není ani lepší, ani horší.";
    adopted: "Adopted", "Zavedeno";
    regressed: "Regressed", "Zhoršeno";
    became_unknown: "Became unknown", "Nově nezjištěno";
    became_known: "Became known", "Nově zjištěno";
    became_applicable: "Became applicable", "Nově se týká";
    became_not_applicable: "No longer applicable", "Už se netýká";
    unchanged: "Unchanged", "Beze změny";
    method: "How it was measured", "Jak se měřilo";
    method_asked: "What was asked", "Na co se průzkum ptal";
    method_asked_text: "For every domain the survey asked the public directory of the Internet (DNS) which servers take its mail and which policies it publishes. It then connected to those servers as any sender of mail would, looked at the encryption and the certificate they offer, and left. No message was sent, no password was tried, nobody's mail was seen.",
        "U každé domény se průzkum zeptal veřejného adresáře internetu (DNS), které servery přijímají její poštu a jaké politiky zveřejňuje. K těmto serverům se pak připojil jako kterýkoli odesílatel, prohlédl nabízené šifrování a certifikát a odešel. Žádná zpráva nebyla odeslána, žádné heslo zkoušeno, ničí pošta čtena.";
    method_results: "Four results", "Čtyři výsledky";
    method_results_text: "Every check of every domain has one of four results: it passes, it fails, it does not apply, or it is unknown. Unknown means that the measurement failed: a server did not answer, a network was down, somebody refused to talk to strangers. That is never read as a fault, nor as a success.",
        "Každá kontrola každé domény má jeden ze čtyř výsledků: splňuje, nesplňuje, netýká se, nezjištěno. Nezjištěno znamená, že se měření nezdařilo: server neodpověděl, síť nefungovala, někdo s cizími nemluví. To se nikdy nepočítá jako chyba ani jako úspěch.";
    method_shares: "What a share is a share of", "Z čeho je podíl";
    method_shares_text: "A share is the domains that pass, divided by those that pass or fail. Domains of which the result is unknown, or to which the check does not apply, are in neither number; so always read the unknown beside the share. Where the page says of all that take mail, it is divided by all domains that take mail, and everybody else among them, the unknown included, counts as not passed. Where nothing measures who passes, the page says not measured instead of a share.",
        "Podíl jsou domény, které splňují, dělené těmi, které splňují nebo nesplňují. Domény s výsledkem nezjištěno, a ty, kterých se kontrola netýká, nejsou v žádném z obou čísel; vedle podílu proto vždy čtěte i nezjištěné. Kde stránka říká ze všech, které přijímají poštu, dělí se všemi doménami, které poštu přijímají, a ostatní z nich, i nezjištěné, se počítají jako nesplňující. Kde nic neměří, kdo splňuje, stojí místo podílu neměřeno.";
    method_servers: "All servers of a domain", "Všechny servery domény";
    method_servers_text: "A domain passes a check of its mail servers only if all of them pass that could be reached: mail goes to any of them. A finding that would cost somebody, such as a missing encryption, was confirmed by a second look.",
        "Kontrolu poštovních serverů doména splňuje, jen když ji splňují všechny dosažené servery: pošta může jít kterýmkoli. Nález, který by někoho poškodil, například chybějící šifrování, byl potvrzen druhým pohledem.";
    method_limits: "What this cannot show", "Co z toho nelze vyčíst";
    method_limits_text: "It was looked at from outside, at one time, from one place. Mail that a domain sends was not seen: whether it signs and encrypts what it sends is only told by what it publishes. Filters inside, passwords, people and procedures cannot be seen. Keys of signed messages (DKIM) are found only under names that are in common use. A server may treat strangers differently from its usual partners.",
        "Měřilo se zvenčí, v jednu dobu a z jednoho místa. Odesílanou poštu vidět nebylo: zda ji doména podepisuje a šifruje, napovídá jen to, co zveřejňuje. Vnitřní filtry, hesla, lidé a postupy vidět nejsou. Klíče podepsaných zpráv (DKIM) se najdou jen pod běžně užívanými jmény. Server se k cizím může chovat jinak než k obvyklým partnerům.";
    method_missing: "Not measured in this survey", "V tomto průzkumu neměřeno";
    method_small: "Domains that a group, an operator or a country has to have to be named: {0}.", "Domén, které skupina, provozovatel nebo země musí mít, aby byly jmenovány: {0}.";
    method_whole: "Every domain of the list was asked, so shares have no margin of error from sampling.", "Dotázány byly všechny domény seznamu, podíly proto nemají výběrovou chybu.";
    began: "Began", "Začátek";
    ended: "Ended", "Konec";
    survey_id: "Survey", "Průzkum";
    program: "Made by", "Vytvořil";
    not_ended: "not recorded", "nezaznamenáno";
    about: "About this page", "O této stránce";
}

/// A domain: for one, for two to four, and for more; in English and in Czech.
pub const DOMAINS: [[&str; 3]; 2] = [
    ["domain", "domains", "domains"],
    ["doména", "domény", "domén"],
];
