//! A column is declared once.
//!
//! [`row!`](crate::row) turns a documented struct into serde code, an Arrow schema and lines of
//! the data dictionary; [`codes!`](crate::codes) does the same for a closed vocabulary. A type
//! becomes a column by implementing [`Cell`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use serde::{Deserialize, Serialize};

/// Why a column is treated apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Computed from other columns of the row; `verdict` recomputes it.
    Derived,
    /// May hold personal data; public exports and reports leave it out.
    Personal,
}

impl Mark {
    /// The word used in the dictionary and in the field metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Personal => "personal",
        }
    }
}

/// One word of a closed vocabulary, with its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The text in the column.
    pub word: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
}

/// One column: its name, its description and what it holds.
#[derive(Debug, Clone)]
pub struct Column {
    /// Name in the table.
    pub name: &'static str,
    /// Description, from the doc comment of the field.
    pub doc: String,
    /// Whether it is derived or personal.
    pub mark: Option<Mark>,
    /// What it holds.
    pub shape: Shape,
    /// Whether it may be null.
    pub nullable: bool,
}

/// What a column holds.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A plain value.
    Leaf(DataType),
    /// A word of a closed vocabulary, stored as text.
    Word(&'static [Code]),
    /// A struct of further columns.
    Struct(Vec<Column>),
    /// A list.
    List(Box<Shape>),
    /// A map from text to something.
    Map(Box<Shape>),
}

impl Shape {
    /// The Arrow type.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Leaf(data_type) => data_type.clone(),
            Self::Word(_) => DataType::Utf8,
            Self::Struct(columns) => DataType::Struct(fields(columns)),
            Self::List(item) => {
                DataType::List(Arc::new(Field::new("item", item.data_type(), false)))
            }
            Self::Map(value) => {
                let entry = Fields::from(vec![
                    Field::new("key", DataType::Utf8, false),
                    Field::new("value", value.data_type(), false),
                ]);
                let entries = Field::new("entries", DataType::Struct(entry), false);
                DataType::Map(Arc::new(entries), false)
            }
        }
    }
}

impl Column {
    /// The Arrow field, with description and mark as metadata.
    pub fn field(&self) -> FieldRef {
        let mut notes = std::collections::HashMap::new();
        notes.insert("description".to_owned(), self.doc.clone());
        if let Some(mark) = self.mark {
            notes.insert("mark".to_owned(), mark.as_str().to_owned());
        }
        let field = Field::new(self.name, self.shape.data_type(), self.nullable);
        Arc::new(field.with_metadata(notes))
    }
}

/// The Arrow fields of some columns.
pub fn fields(columns: &[Column]) -> Fields {
    columns.iter().map(Column::field).collect()
}

/// Joins the lines of a doc comment.
pub fn doc_text(lines: &[&str]) -> String {
    lines
        .iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

/// A Rust type that can be a column.
pub trait Cell {
    /// Whether the column may be null.
    const NULLABLE: bool = false;

    /// What the column holds.
    fn shape() -> Shape;
}

/// A struct made by [`row!`](crate::row): its columns in order.
pub trait Columns {
    /// The columns.
    fn columns() -> Vec<Column>;
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The wall clock now.
    pub fn now() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    /// Whole seconds since 1970, for certificate dates.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// A day: days since 1970-01-01.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Date(pub i32);

/// Bytes stored as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(#[serde(with = "serde_bytes")] pub Vec<u8>);

macro_rules! leaf {
    ($($rust:ty => $arrow:expr),* $(,)?) => {
        $(impl Cell for $rust {
            fn shape() -> Shape {
                Shape::Leaf($arrow)
            }
        })*
    };
}

leaf! {
    bool => DataType::Boolean,
    u8 => DataType::UInt8,
    u16 => DataType::UInt16,
    u32 => DataType::UInt32,
    u64 => DataType::UInt64,
    i64 => DataType::Int64,
    f64 => DataType::Float64,
    String => DataType::Utf8,
    Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    Date => DataType::Date32,
    Bytes => DataType::Binary,
    Cow<'static, str> => DataType::Utf8,
    Arc<str> => DataType::Utf8,
}

impl<T: Cell> Cell for Option<T> {
    const NULLABLE: bool = true;

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Cell> Cell for Arc<T> {
    const NULLABLE: bool = T::NULLABLE;

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Cell> Cell for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Cell> Cell for BTreeMap<String, T> {
    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }
}

/// Declares a row, or a struct inside one. The doc comment of a field is its description; `=>
/// derived` or `=> personal` after the type marks it.
#[macro_export]
macro_rules! row {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $( $(#[doc = $field_doc:literal])* pub $field:ident : $ty:ty $(=> $mark:ident)? ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        // An older file lacks the columns that were added since.
        #[serde(default)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $ty, )*
        }

        impl $crate::table::row::Columns for $name {
            fn columns() -> Vec<$crate::table::row::Column> {
                vec![$( $crate::table::row::Column {
                    name: stringify!($field),
                    doc: $crate::table::row::doc_text(&[$($field_doc),*]),
                    mark: $crate::row!(@mark $($mark)?),
                    shape: <$ty as $crate::table::row::Cell>::shape(),
                    nullable: <$ty as $crate::table::row::Cell>::NULLABLE,
                } ),*]
            }
        }

        impl $crate::table::row::Cell for $name {
            fn shape() -> $crate::table::row::Shape {
                $crate::table::row::Shape::Struct(
                    <$name as $crate::table::row::Columns>::columns(),
                )
            }
        }
    };
    (@mark) => { None };
    (@mark derived) => { Some($crate::table::row::Mark::Derived) };
    (@mark personal) => { Some($crate::table::row::Mark::Personal) };
}

/// Declares a closed vocabulary: an enum, the text of each variant in the column, and its
/// definition for the dictionary. The first variant is the default.
#[macro_export]
macro_rules! codes {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])* $first:ident = $first_word:literal
            $(, $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal )* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $(#[doc = $first_doc])*
            #[default]
            #[serde(rename = $first_word)]
            $first,
            $(
                $(#[doc = $variant_doc])*
                #[serde(rename = $word)]
                $variant,
            )*
        }

        impl $name {
            /// Every word, with its definition.
            pub const CODES: &'static [$crate::table::row::Code] = &[
                $crate::table::row::Code {
                    word: $first_word,
                    meaning: concat!($($first_doc),*).trim_ascii(),
                },
                $( $crate::table::row::Code {
                    word: $word,
                    meaning: concat!($($variant_doc),*).trim_ascii(),
                }, )*
            ];

            /// The text in the column.
            pub fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $( Self::$variant => $word, )*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::table::row::Cell for $name {
            fn shape() -> $crate::table::row::Shape {
                $crate::table::row::Shape::Word($name::CODES)
            }
        }
    };
}
