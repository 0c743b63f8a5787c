//! JSON for programs: rows as objects whose keys are the columns, in a text that no terminal acts on.

use arrow::datatypes::DataType;
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::print;
use crate::error::{Error, Result};
use crate::table::row::{Column, Columns, Date, Moment, Shape};
use crate::text::write_json;
use crate::verdict::profile::text_of;

/// Prints a value.
///
/// # Errors
/// When it cannot be JSON, which is a fault in this program.
pub fn print_json(value: &Value) -> Result<u8> {
    let mut text = Vec::new();
    write_json(&mut text, value).map_err(|err| Error::Internal(format!("JSON: {err}")))?;
    print(&text)?;
    Ok(0)
}

/// A row as an object: times as RFC 3339 text, days as year-month-day.
///
/// # Errors
/// When it cannot be JSON, which is a fault in this program.
pub fn row<T: Columns + Serialize>(row: &T) -> Result<Value> {
    let value = serde_json::to_value(row).map_err(internal)?;
    Ok(object(value, &T::columns()))
}

/// Any value as JSON.
///
/// # Errors
/// When it cannot be, which is a fault in this program.
pub fn value(of: &impl Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(internal)
}

fn internal(err: serde_json::Error) -> Error {
    Error::Internal(format!("JSON: {err}"))
}

/// The parameters of a check, which are a JSON object, for people: ` (name = value; …)`, nothing where
/// none are set.
pub fn settings(object: &str) -> String {
    let set: Map<String, Value> = serde_json::from_str(object).unwrap_or_default();
    let set = set.iter().map(|(name, value)| format!("{name} = {value}"));
    match set.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    }
}

fn object(value: Value, columns: &[Column]) -> Value {
    let Value::Object(mut fields) = value else {
        return value;
    };
    let mut shown = Map::new();
    for column in columns {
        if let Some(field) = fields.remove(column.name) {
            shown.insert(column.name.to_owned(), shaped(field, &column.shape));
        }
    }
    Value::Object(shown)
}

fn shaped(value: Value, shape: &Shape) -> Value {
    match (shape, value) {
        (Shape::Struct(columns), value) => object(value, columns),
        (Shape::List(item), Value::Array(items)) => {
            items.into_iter().map(|one| shaped(one, item)).collect()
        }
        (Shape::Map(item), Value::Object(items)) => items
            .into_iter()
            .map(|(key, one)| (key, shaped(one, item)))
            .collect(),
        (Shape::Leaf(DataType::Timestamp(..)), Value::Number(number)) => number
            .as_i64()
            .and_then(|micros| moment(Moment(micros)))
            .map_or(Value::Null, Value::String),
        (Shape::Leaf(DataType::Date32), Value::Number(number)) => number
            .as_i64()
            .and_then(|days| i32::try_from(days).ok())
            .map_or(Value::Null, |days| Value::String(text_of(Date(days)))),
        (_, value) => value,
    }
}

/// A moment as RFC 3339 text in UTC; none where no calendar has it.
pub fn moment(moment: Moment) -> Option<String> {
    let nanos = i128::from(moment.0) * 1_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    at.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::table::rows::{ComplianceRow, DomainRow};

    #[test]
    fn a_row_is_an_object_with_times_and_days_as_text() {
        let mut domain = DomainRow {
            domain: "example.cz".to_owned(),
            observed_at: Moment(1_700_000_000_500_000),
            ..DomainRow::default()
        };
        domain.tags.insert("group".to_owned(), "1".to_owned());
        let shown = row(&domain).expect("JSON");
        assert_eq!(shown["observed_at"], "2023-11-14T22:13:20.5Z");
        assert_eq!(shown["tags"], json!({"group": "1"}));
        assert_eq!(shown["mx"]["outcome"], "not_attempted");
        assert_eq!(shown["rank"], Value::Null);
        let point = ComplianceRow {
            due: Some(Date(19_000)),
            ..ComplianceRow::default()
        };
        assert_eq!(row(&point).expect("JSON")["due"], "2022-01-08");
    }

    #[test]
    fn parameters_are_told_as_a_profile_sets_them() {
        assert_eq!(settings("{}"), "");
        assert_eq!(settings(""), "");
        let set = settings("{\"digests\":[2,4],\"ruleset\":\"7489\"}");
        assert_eq!(set, " (digests = [2,4]; ruleset = \"7489\")");
    }
}
