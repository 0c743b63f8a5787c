//! Columns as they are declared today, from files of yesterday: the notes on fields (descriptions)
//! belong to their type, and words may have changed since a file was written. [`retyped`].

use arrow::array::{ArrayData, ArrayRef, make_array};
use arrow::datatypes::{DataType, FieldRef};
use arrow::error::ArrowError;

/// The same values under the declared type, which may differ in notes alone.
///
/// # Errors
/// When it is another type.
pub fn retyped(array: &ArrayRef, declared: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == declared {
        return Ok(array.clone());
    }
    noted(array.to_data(), declared).map(make_array)
}

fn noted(data: ArrayData, declared: &DataType) -> Result<ArrayData, ArrowError> {
    let inner: Vec<&FieldRef> = match (data.data_type(), declared) {
        (DataType::Struct(_), DataType::Struct(fields)) => fields.iter().collect(),
        (DataType::List(_), DataType::List(item)) => vec![item],
        (DataType::Map(_, _), DataType::Map(entries, _)) => vec![entries],
        (one, other) if one == other => return Ok(data),
        (one, other) => return Err(other_type(one, other)),
    };
    if inner.len() != data.child_data().len() {
        return Err(other_type(data.data_type(), declared));
    }
    let children = data.child_data().iter().zip(inner);
    let children = children.map(|(child, field)| noted(child.clone(), field.data_type()));
    let children = children.collect::<Result<Vec<_>, _>>()?;
    let builder = data.into_builder().data_type(declared.clone());
    builder.child_data(children).build()
}

fn other_type(found: &DataType, declared: &DataType) -> ArrowError {
    ArrowError::SchemaError(format!("a column is {found}, and was declared {declared}"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use arrow::array::{Array, Int32Array, ListArray, StructArray};
    use arrow::datatypes::{Field, Int32Type};

    use super::*;

    fn list_of(note: &str) -> DataType {
        let notes = HashMap::from([("description".to_owned(), note.to_owned())]);
        let inner = Field::new("number", DataType::Int32, false).with_metadata(notes);
        let item = DataType::Struct(vec![inner].into());
        DataType::List(Arc::new(Field::new("item", item, false)))
    }

    #[test]
    fn notes_may_differ_and_values_stay() {
        let flat = ListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(1), Some(2)]),
            Some(vec![]),
        ]);
        let DataType::List(item) = list_of("old words") else {
            panic!("a list");
        };
        let DataType::Struct(fields) = item.data_type() else {
            panic!("a struct");
        };
        let inside = StructArray::new(fields.clone(), vec![flat.values().clone()], None);
        let old: ArrayRef = Arc::new(ListArray::new(
            item.clone(),
            flat.offsets().clone(),
            Arc::new(inside),
            None,
        ));
        let new = retyped(&old, &list_of("new words")).expect("the same type");
        assert_eq!(new.data_type(), &list_of("new words"));
        let lists = new.as_any().downcast_ref::<ListArray>().expect("lists");
        assert_eq!((lists.value_length(0), lists.value_length(1)), (2, 0));
    }

    #[test]
    fn another_type_is_refused() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert!(retyped(&numbers, &DataType::Utf8).is_err());
        assert!(retyped(&numbers, &list_of("")).is_err());
    }
}
