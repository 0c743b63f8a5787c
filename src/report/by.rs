//! What makes a group of domains, as it is typed and as it is read.

use std::str::FromStr;

use arrow::array::StringArray;

use super::columns::Columns;
use crate::error::Result;

/// What makes a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The last label.
    Tld,
    /// Who runs the mail.
    MailOperator,
    /// A tag of the lists.
    Tag(String),
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "tld" => Ok(Self::Tld),
            None if text == "mail_operator" => Ok(Self::MailOperator),
            None if text == "country" => {
                Err("the tables do not say yet in which country a server \
                is; give tld, mail_operator or tag:NAME"
                    .to_owned())
            }
            Some(("tag", name)) if !name.is_empty() => Ok(Self::Tag(name.to_owned())),
            _ => Err("give tld, mail_operator or tag:NAME".to_owned()),
        }
    }
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tld => f.write_str("tld"),
            Self::MailOperator => f.write_str("mail_operator"),
            Self::Tag(name) => write!(f, "tag:{name}"),
        }
    }
}

impl By {
    /// The column of `verdicts` that tells.
    pub fn column(&self) -> &'static str {
        match self {
            Self::Tld => "tld",
            Self::MailOperator => "mail_operator",
            Self::Tag(_) => "tags",
        }
    }

    /// What tells the group of each domain of a batch; none where nothing does.
    ///
    /// # Errors
    /// When the column is not there.
    pub fn values<'a>(&self, columns: &Columns<'a>) -> Result<Vec<Option<&'a str>>> {
        let texts = |texts: &'a StringArray| texts.iter().collect();
        match self {
            Self::Tag(name) => columns.tag(name),
            _ => columns.text(self.column()).map(texts),
        }
    }
}
