//! Which columns may hold personal data, also deep inside others.

use crate::table::parquet_file::innermost;
use crate::table::row::{Column, Mark, Shape};

/// The columns without those marked as personal, also inside structs, lists and maps. A struct of
/// which nothing is left goes too.
pub fn public(columns: &[Column]) -> Vec<Column> {
    let kept = columns.iter().filter(|column| !is_personal(column));
    kept.filter_map(|column| {
        Some(Column {
            shape: shape(&column.shape)?,
            ..column.clone()
        })
    })
    .collect()
}

/// Names of the columns marked as personal, with dots between struct and member.
pub fn personal(columns: &[Column]) -> Vec<String> {
    let mut names = Vec::new();
    for column in columns {
        if is_personal(column) {
            names.push(column.name.to_owned());
        } else if let Shape::Struct(inner) = innermost(&column.shape) {
            let inner = personal(inner).into_iter();
            names.extend(inner.map(|name| format!("{}.{name}", column.name)));
        }
    }
    names
}

fn is_personal(column: &Column) -> bool {
    column.mark == Some(Mark::Personal)
}

fn shape(shape: &Shape) -> Option<Shape> {
    match shape {
        Shape::Leaf(_) | Shape::Word(_) => Some(shape.clone()),
        Shape::Struct(columns) => {
            let columns = public(columns);
            (!columns.is_empty()).then_some(Shape::Struct(columns))
        }
        Shape::List(item) => Some(Shape::List(Box::new(self::shape(item)?))),
        Shape::Map(value) => Some(Shape::Map(Box::new(self::shape(value)?))),
    }
}

/// Whether a leaf of a Parquet file, by the parts of its path, is declared and not personal. What
/// another version wrote and this one does not know is not copied.
pub fn is_public(leaf: &[String], columns: &[Column]) -> bool {
    let Some((name, rest)) = leaf.split_first() else {
        return false;
    };
    let column = columns.iter().find(|column| column.name == name);
    column.is_some_and(|column| !is_personal(column) && is_public_below(rest, &column.shape))
}

fn is_public_below(rest: &[String], shape: &Shape) -> bool {
    match (shape, rest) {
        (Shape::Leaf(_) | Shape::Word(_), []) => true,
        (Shape::Struct(columns), _) => is_public(rest, columns),
        // `list` and `item`; `entries` and `key` or `value`.
        (Shape::List(item), [_, _, rest @ ..]) => is_public_below(rest, item),
        (Shape::Map(_), [_, key]) if key == "key" => true,
        (Shape::Map(value), [_, _, rest @ ..]) => is_public_below(rest, value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    fn column(name: &'static str, mark: Option<Mark>, shape: Shape) -> Column {
        Column {
            name,
            doc: String::new(),
            mark,
            shape,
            nullable: false,
        }
    }

    fn text() -> Shape {
        Shape::Leaf(DataType::Utf8)
    }

    fn sample() -> Vec<Column> {
        let person = vec![
            column("age", None, text()),
            column("name", Some(Mark::Personal), text()),
        ];
        let secret = vec![column("name", Some(Mark::Personal), text())];
        let person = Shape::Struct(person);
        vec![
            column("key", None, text()),
            column("people", None, Shape::List(Box::new(person.clone()))),
            column("by_tag", None, Shape::Map(Box::new(person))),
            column("secret", None, Shape::Struct(secret)),
            column("banner", Some(Mark::Personal), text()),
        ]
    }

    #[test]
    fn personal_columns_go_from_however_deep_inside() {
        let kept = public(&sample());
        let names: Vec<_> = kept.iter().map(|column| column.name).collect();
        assert_eq!(names, ["key", "people", "by_tag"]);
        assert!(personal(&kept).is_empty());
        let names = personal(&sample());
        assert_eq!(
            names,
            ["people.name", "by_tag.name", "secret.name", "banner"]
        );
    }

    #[test]
    fn leaves_of_a_file_are_told_apart_by_their_path() {
        let is_public = |path: &str| {
            let parts: Vec<_> = path.split('.').map(str::to_owned).collect();
            is_public(&parts, &sample())
        };
        for path in [
            "key",
            "people.list.item.age",
            "by_tag.entries.key",
            "by_tag.entries.value.age",
        ] {
            assert!(is_public(path), "{path}");
        }
        for path in [
            "banner",
            "people.list.item.name",
            "by_tag.entries.value.name",
            "secret.name",
            "of_another_version",
            "people.list.item.of_another_version",
        ] {
            assert!(!is_public(path), "{path}");
        }
    }
}
