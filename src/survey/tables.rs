//! The tables that manners lean on: who is who, and who is left alone. Read before anything is made,
//! so that a slip in one of them costs nothing.

use std::sync::Arc;

use super::machine;
use super::settings::Settings;
use crate::dns::Selectors;
use crate::error::{Error, Result};
use crate::pace::{AsnTable, Countries, Exclusions, OperatorRates, Operators, Owners, Rules, Vrps};
use crate::table::manifest::{COUNTRY_TABLE, RPKI_TABLE};

/// Who is who, and who is left alone.
pub struct Tables {
    /// Who answers for an address.
    pub owners: Owners,
    /// Whom to leave alone; changes with its files.
    pub exclusions: Exclusions,
    /// Version of the table of who may announce what.
    rpki: Option<String>,
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
        let vrps = settings.rpki_table.as_deref().map(Vrps::read);
        let vrps = vrps.transpose()?;
        let asns = settings.asn_table.as_deref();
        let asns = asns.map(|path| AsnTable::read(path, vrps.as_ref()));
        let asns = asns.transpose()?.map(Arc::new);
        if vrps.is_some() && !asns.as_ref().is_some_and(|table| table.has_prefixes()) {
            return Err(Error::Usage(
                "--rpki-table says who may announce a prefix, and nothing says who does; give \
                 --asn-table a file of `prefix asn` lines"
                    .to_owned(),
            ));
        }
        let countries = settings.country_table.as_deref().map(Countries::read);
        Ok(Self {
            exclusions: Exclusions::read(&settings.exclude, asns.is_some())?,
            owners: Owners {
                operators: Arc::new(operators),
                asns,
                countries: countries.transpose()?.map(Arc::new),
            },
            rpki: vrps.map(|vrps| vrps.version().to_owned()),
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
        versions.extend(self.countries().map(|version| (COUNTRY_TABLE, version)));
        let rpki = self.rpki.iter();
        versions.extend(rpki.map(|version| (RPKI_TABLE, version.clone())));
        versions
    }

    /// Version of the table that countries are from.
    pub fn countries(&self) -> Option<String> {
        let table = self.owners.table_of_countries();
        table.map(|table| table.version().to_owned())
    }

    /// Versions of the tables that the states of routes are from.
    pub fn routes(&self) -> Option<String> {
        let rpki = self.rpki.as_ref()?;
        let asns = self.owners.asns.as_ref()?;
        Some(format!("{rpki}, routes {}", asns.version()))
    }
}
