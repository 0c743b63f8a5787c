//! What makes a group of domains, as it is typed and as it is read.

use std::str::FromStr;

use arrow::array::StringArray;

use super::columns::Columns;
use super::countries::{self, Places};
use super::groups::Kind;
use crate::error::Result;
use crate::table::codes::CountryBasis;

/// What makes a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The last label.
    Tld,
    /// Who runs the mail.
    MailOperator,
    /// Where the mail is taken.
    Country,
    /// A tag of the lists.
    Tag(String),
}

/// Domains whose mail is taken in several countries.
const SEVERAL: &str = "(several)";

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "tld" => Ok(Self::Tld),
            None if text == "mail_operator" => Ok(Self::MailOperator),
            None if text == "country" => Ok(Self::Country),
            Some(("tag", name)) if !name.is_empty() => Ok(Self::Tag(name.to_owned())),
            _ => Err("give tld, mail_operator, country or tag:NAME".to_owned()),
        }
    }
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tld => f.write_str("tld"),
            Self::MailOperator => f.write_str("mail_operator"),
            Self::Country => f.write_str("country"),
            Self::Tag(name) => write!(f, "tag:{name}"),
        }
    }
}

impl By {
    /// The columns of `verdicts` that tell.
    pub fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Tld => &["tld"],
            Self::MailOperator => &["mail_operator"],
            Self::Country => &countries::COLUMNS,
            Self::Tag(_) => &["tags"],
        }
    }

    /// What tells the group of each domain of a batch; none where nothing does.
    ///
    /// # Errors
    /// When the column is not there.
    pub fn values<'a>(&self, columns: &Columns<'a>) -> Result<Vec<Option<&'a str>>> {
        let texts = |texts: &'a StringArray| texts.iter().collect();
        match self {
            Self::Tld => columns.text("tld").map(texts),
            Self::MailOperator => columns.text("mail_operator").map(texts),
            Self::Tag(name) => columns.tag(name),
            Self::Country => {
                let places = Places::of(columns)?;
                Ok((0..places.rows()).map(|row| place(&places, row)).collect())
            }
        }
    }

    /// What the group of a value is.
    pub fn kind(&self, value: &str) -> Kind {
        match self {
            Self::Country if value.starts_with('(') && value != SEVERAL => Kind::None,
            _ => Kind::Value,
        }
    }
}

/// The country of a domain, or the word in parentheses why there is none; none where it has no mail
/// host.
fn place<'a>(places: &Places<'a>, row: usize) -> Option<&'a str> {
    let words = [
        (CountryBasis::Several, SEVERAL),
        (CountryBasis::NotInTable, "(not_in_table)"),
        (CountryBasis::AddressesUnknown, "(addresses_unknown)"),
        (CountryBasis::NoAddress, "(no_address)"),
    ];
    let basis = places.basis(row);
    let word = words.iter().find(|(known, _)| known.as_str() == basis);
    places.country(row).or_else(|| word.map(|(_, word)| *word))
}
