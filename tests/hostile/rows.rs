//! Rows made by their schema: every column has something, every column of text has a hostile one.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use mailcensus::table::row::{Code, Column, Shape};
use mailcensus::table::rows::Table;
use serde_json::{Map, Value, json};

/// One row of a table: its columns of text hold one text, those of words one word after the other.
#[derive(Clone)]
pub struct Row<'a> {
    /// What is in every column of text.
    pub text: &'a str,
    /// Number of the row: tells which word a column has.
    pub number: usize,
    /// Columns that hold something else, by their path.
    pub but: BTreeMap<&'a str, Value>,
}

impl Row<'_> {
    /// The row.
    pub fn of<T: Table>(&self) -> T {
        let value = self.structure("", &T::columns());
        serde_json::from_value(value).expect("a row")
    }

    fn structure(&self, path: &str, columns: &[Column]) -> Value {
        let each = columns.iter().map(|column| {
            let path = match path {
                "" => column.name.to_owned(),
                above => format!("{above}.{}", column.name),
            };
            (column.name.to_owned(), self.value(&path, &column.shape))
        });
        Value::Object(each.collect())
    }

    fn value(&self, path: &str, shape: &Shape) -> Value {
        if let Some(value) = self.but.get(path) {
            return value.clone();
        }
        match shape {
            Shape::Leaf(kind) => self.leaf(kind),
            Shape::Word(codes) => self.word(path, codes),
            Shape::Struct(columns) => self.structure(path, columns),
            Shape::List(item) => json!([self.value(path, item)]),
            Shape::Map(item) => {
                let mut map = Map::new();
                map.insert(self.text.to_owned(), self.value(path, item));
                // One whose name can be typed.
                map.insert("t".to_owned(), self.value(path, item));
                Value::Object(map)
            }
        }
    }

    fn leaf(&self, kind: &DataType) -> Value {
        match kind {
            DataType::Utf8 => json!(self.text),
            DataType::Boolean => json!(self.number.is_multiple_of(2)),
            DataType::Binary => json!([48, 0]),
            DataType::Timestamp(..) => json!(1_700_000_000_000_000_i64),
            DataType::Date32 => json!(19_000),
            _ => json!(1),
        }
    }

    fn word(&self, path: &str, codes: &[Code]) -> Value {
        let at = (self.number + path.len()) % codes.len();
        json!(codes[at].word)
    }
}
