//! The tables that manners lean on: who is who, and who is left alone. Read before anything is made,
//! so that a slip in one of them costs nothing.

use std::sync::Arc;

use super::machine;
use super::settings::Settings;
use crate::dns::Selectors;
use crate::error::Result;
use crate::pace::{AsnTable, Exclusions, OperatorRates, Operators, Owners, Rules};

/// Who is who, and who is left alone.
pub struct Tables {
    /// Who answers for an address.
    pub owners: Owners,
    /// Whom to leave alone; changes with its files.
    pub exclusions: Exclusions,
}

impl Tables {
    /// Reads the files that the settings name.
    ///
    /// # Errors
    /// When one cannot be read or is wrong; with the number of the line.
    pub fn read(settings: &Settings) -> Result<Self> {
        let operators = match &settings.operator_table {
            Some(path) => Operators::read(path)?,
            None => Operators::shipped()?,
        };
        let asns = settings.asn_table.as_deref().map(AsnTable::read);
        let asns = asns.transpose()?.map(Arc::new);
        Ok(Self {
            exclusions: Exclusions::read(&settings.exclude, asns.is_some())?,
            owners: Owners {
                operators: Arc::new(operators),
                asns,
            },
        })
    }

    /// Which addresses may be dialled.
    pub fn rules(&self, settings: &Settings) -> Rules {
        Rules::new(settings.lab.clone(), machine::vantage(settings).ipv6)
            .leaving_alone(self.exclusions.clone(), self.owners.asns.clone())
    }

    /// New connections per second to an operator, where the table has a number.
    pub fn rates(&self) -> OperatorRates {
        let operators = self.owners.operators.clone();
        Arc::new(move |operator| operators.rate(operator))
    }

    /// The versions of the tables that rows are made with, for the manifest.
    pub fn versions(&self) -> Vec<(&'static str, String)> {
        let operators = self.owners.operators.version().to_owned();
        let asns = self.owners.asns.iter();
        let mut versions = vec![
            ("operator table", operators),
            ("selector list", Selectors::version()),
        ];
        versions.extend(asns.map(|table| ("AS table", table.version().to_owned())));
        versions
    }
}
