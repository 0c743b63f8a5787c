//! Who has to meet a point by when: groups of obliged persons, told by the tags of the list.

use std::collections::BTreeMap;

use time::{Date as Day, Month};

use crate::table::row::Date;

/// The Julian day number of 1970-01-01.
const EPOCH: i32 = 2_440_588;

/// The groups of a profile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Groups {
    /// The tag that holds the group of a domain; empty where the profile has no groups.
    pub tag: String,
    /// The groups.
    pub groups: Vec<Group>,
}

/// A group of obliged persons.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Value of the tag.
    pub id: String,
    /// Title in English.
    pub title: String,
    /// Title in the language of the authority; may be empty.
    pub title_original: String,
    /// A tag whose presence tells the group where the other one is missing; may be empty.
    pub inferred_from: String,
}

/// When a group has to meet a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// The group.
    pub group: String,
    /// When.
    pub when: When,
    /// What the text says besides; may be empty.
    pub note: String,
}

/// A deadline.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// A day.
    On(Date),
    /// So many months after the day that a tag holds.
    After {
        /// The tag.
        tag: String,
        /// Months.
        months: u32,
    },
}

/// What the tags of a domain say that no profile understands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misread {
    /// The group is none of the profile's.
    Group(String),
    /// No day of the form year-month-day: the tag and its value.
    Day(String, String),
}

impl Groups {
    /// The group of a domain; none where its tags do not say that it is obliged.
    ///
    /// # Errors
    /// When the tag holds no group of this profile.
    pub fn of<'a>(&'a self, tags: &BTreeMap<String, String>) -> Result<Option<&'a str>, Misread> {
        match tags.get(&self.tag) {
            Some(id) => match self.groups.iter().find(|group| group.id == *id) {
                Some(group) => Ok(Some(&group.id)),
                None => Err(Misread::Group(id.clone())),
            },
            None => Ok(self
                .groups
                .iter()
                .find(|group| tags.contains_key(&group.inferred_from))
                .map(|group| group.id.as_str())),
        }
    }
}

/// The day by which a member of a group has to meet a point.
///
/// # Errors
/// When the tag that it counts from holds no day.
pub fn due(
    due: &[Due],
    group: Option<&str>,
    tags: &BTreeMap<String, String>,
) -> Result<Option<Date>, Misread> {
    let Some(one) = due.iter().find(|one| Some(one.group.as_str()) == group) else {
        return Ok(None);
    };
    match &one.when {
        When::On(day) => Ok(Some(*day)),
        When::After { tag, months } => {
            let Some(text) = tags.get(tag) else {
                return Ok(None);
            };
            let later = day_of(text).and_then(|day| months_after(day, *months));
            later
                .map(|day| Some(date_of(day)))
                .ok_or_else(|| Misread::Day(tag.clone(), text.clone()))
        }
    }
}

/// `2022-01-31`.
pub fn day_of(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Day::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

/// The day as a column holds it.
pub fn date_of(day: Day) -> Date {
    Date(day.to_julian_day() - EPOCH)
}

/// A column's day as text.
pub fn text_of(date: Date) -> String {
    let day = date
        .0
        .checked_add(EPOCH)
        .and_then(|days| Day::from_julian_day(days).ok());
    day.map_or(String::new(), |day| {
        format!(
            "{:04}-{:02}-{:02}",
            day.year(),
            u8::from(day.month()),
            day.day()
        )
    })
}

/// The same day some months later; the last one of a month that is too short.
fn months_after(day: Day, months: u32) -> Option<Day> {
    let all = i64::from(day.year()) * 12 + i64::from(u8::from(day.month())) - 1 + i64::from(months);
    let year = i32::try_from(all.div_euclid(12)).ok()?;
    let month = Month::try_from(u8::try_from(all.rem_euclid(12) + 1).ok()?).ok()?;
    let last = month.length(year);
    Day::from_calendar_date(year, month, day.day().min(last)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let own = |(tag, value): &(&str, &str)| ((*tag).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    fn groups() -> Groups {
        let group = |id: &str, from: &str| Group {
            id: id.to_owned(),
            title: String::new(),
            title_original: String::new(),
            inferred_from: from.to_owned(),
        };
        Groups {
            tag: "group".to_owned(),
            groups: vec![group("early", ""), group("later", "designated_at")],
        }
    }

    fn dues() -> Vec<Due> {
        let due = |group: &str, when| Due {
            group: group.to_owned(),
            when,
            note: String::new(),
        };
        let day = date_of(day_of("2022-01-01").expect("a day"));
        let after = When::After {
            tag: "designated_at".to_owned(),
            months: 14,
        };
        vec![due("early", When::On(day)), due("later", after)]
    }

    fn found(pairs: &[(&str, &str)]) -> Result<Option<String>, Misread> {
        let (tags, groups) = (tags(pairs), groups());
        let group = groups.of(&tags)?;
        Ok(due(&dues(), group, &tags)?.map(text_of))
    }

    #[test]
    fn a_deadline_is_that_of_the_group() {
        let day = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(found(&[("group", "early")]), day("2022-01-01"));
        assert_eq!(found(&[("designated_at", "2023-12-31")]), day("2025-02-28"));
        let both = [("designated_at", "2022-12-31"), ("group", "later")];
        assert_eq!(found(&both), day("2024-02-29"));
        assert_eq!(found(&[("designated_at", "2023-01-15")]), day("2024-03-15"));
        assert_eq!(found(&[("group", "later")]), Ok(None));
        assert_eq!(found(&[]), Ok(None), "nobody says that it is obliged");
    }

    #[test]
    fn tags_that_nobody_understands_are_told() {
        let group = Misread::Group("erly".to_owned());
        assert_eq!(found(&[("group", "erly")]), Err(group));
        for text in [
            "2023-02-29",
            "1.1.2023",
            "2023-1-1",
            "",
            "2023-01-01T00:00:00",
        ] {
            let day = Misread::Day("designated_at".to_owned(), text.to_owned());
            assert_eq!(found(&[("designated_at", text)]), Err(day));
        }
    }
}
