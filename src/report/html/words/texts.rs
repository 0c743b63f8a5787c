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
    lead: "On {0} the survey asked {1} how they handle e-mail. {2} of them take e-mail.",
        "Průzkum ze dne {0} zjišťoval, jak domény zacházejí s e-mailem: {1}, z toho {2} e-mail přijímá.";
    lead_unknown: "Everything below was seen from outside, as any sender of mail sees it. What could not be measured is counted as unknown, never as a fault.",
        "Vše níže bylo vidět zvenčí, jak to vidí každý odesílatel pošty. Co se nepodařilo změřit, je vedeno jako nezjištěné, nikdy jako chyba.";
    headlines: "In short", "Stručně";
    legend: "How to read the bars", "Jak číst pruhy";
    legend_all: "Each bar is all {0} of the survey.", "Každý pruh představuje všechny zkoumané domény ({0}).";
    pass: "pass", "splňuje";
    fail: "fail", "nesplňuje";
    unknown: "unknown", "nezjištěno";
    not_applicable: "does not apply", "netýká se";
    pass_means: "it was seen that the domain does it", "bylo vidět, že to doména má";
    fail_means: "it was seen that the domain does not", "bylo vidět, že to doména nemá";
    unknown_means: "it could not be measured; nothing is claimed", "nepodařilo se změřit; nic se netvrdí";
    not_applicable_means: "the question makes no sense for the domain", "otázka pro doménu nemá smysl";
    of_measured: "{0} of {1} that it concerns and that could be measured", "{0} z {1}, kterých se to týká a které se podařilo změřit";
    of_receiving: "{0} of {1} that take mail", "{0} z {1}, které přijímají poštu";
    not_measured: "not measured", "neměřeno";
    all_unknown: "unknown", "nezjištěno";
    nobody: "applies to none", "netýká se žádné";
    checks: "All checks", "Všechny kontroly";
    checks_lead: "Each row is one question that was put to every domain. The share is of those domains that it concerns and that could be measured.",
        "Každý řádek je jedna otázka položená každé doméně. Podíl je z domén, kterých se týká a které se podařilo změřit.";
    check: "Check", "Kontrola";
    share: "Share", "Podíl";
    share_of_receiving: "Of all that take mail", "Ze všech, které přijímají poštu";
    why: "Why", "Proč";
    others: "and {0} further reasons", "a další důvody ({0})";
    filter: "Filter rows", "Filtrovat řádky";
    rows_shown: "{shown} of {all} rows shown", "Zobrazeno řádků: {shown} z {all}";
    sort_by: "Sort by {column}", "Řadit podle sloupce {column}";
    made_by: "Made by mailcensus {0} from the survey {1}.", "Vytvořil mailcensus {0} z průzkumu {1}.";
    table_region: "{0}, table", "{0}, tabulka";
}

/// A domain: for one, for two to four, and for more; in English and in Czech.
pub const DOMAINS: [[&str; 3]; 2] = [
    ["domain", "domains", "domains"],
    ["doména", "domény", "domén"],
];
