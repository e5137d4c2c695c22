//! The table of domains as Parquet (parquet.apache.org/docs/file-format), for programs that reckon with columns.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::files::column_names;
use crate::receiving::survey::Row;

/// How many domains are one group of rows: so many are held before they are written.
const GROUP_ROWS_MAX: usize = 10_000;

/// The table, written group by group.
pub struct Columns<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    rows: Vec<Row>,
    attributes: usize,
}

/// The values of a column, and where there are none.
struct Optional<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

impl<T> Optional<T> {
    fn of(all: impl Iterator<Item = Option<T>>) -> Self {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        for value in all {
            levels.push(i16::from(value.is_some()));
            values.extend(value);
        }
        Self { values, levels }
    }
}

impl<W: Write + Send> Columns<W> {
    /// A table of the domain, the list's attributes, and what was measured.
    ///
    /// # Errors
    /// If it cannot be begun.
    pub fn new(to: W, attributes: &[String]) -> Result<Self> {
        let compression = Compression::GZIP(GzipLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let writer = SerializedFileWriter::new(to, schema(attributes)?, Arc::new(properties))?;
        Ok(Self { writer, rows: Vec::new(), attributes: attributes.len() })
    }

    /// Writes a domain.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        self.rows.push(row.clone());
        if self.rows.len() >= GROUP_ROWS_MAX { self.write_group() } else { Ok(()) }
    }

    /// Ends it.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn end(mut self) -> Result<()> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        self.writer.close().map(|_| ())
    }

    fn write_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        required(&mut group, rows.iter().map(|row| row.domain.as_str()))?;
        for column in 0..self.attributes {
            required(&mut group, rows.iter().map(|row| row.values.get(column).map_or("", String::as_str)))?;
        }
        let measured_at = rows.iter().map(|row| row.at.map(|at| at.as_microsecond()));
        optional::<Int64Type>(&mut group, Optional::of(measured_at))?;
        required(&mut group, rows.iter().map(|row| row.extent().name()))?;
        texts(&mut group, rows.iter().map(|row| row.colour))?;
        texts(&mut group, rows.iter().map(|row| row.letter))?;
        optional::<Int32Type>(&mut group, Optional::of(rows.iter().map(|row| row.score.map(i32::from))))?;
        texts(&mut group, rows.iter().map(|row| row.why.map(super::super::row::Why::name)))?;
        lists(&mut group, rows.iter().map(|row| row.operators.iter().map(String::as_str)))?;
        lists(&mut group, rows.iter().map(|row| row.faults.iter().copied()))?;
        group.close().map(|_| ())
    }
}

/// The names and types of the columns.
fn schema(attributes: &[String]) -> Result<TypePtr> {
    let mut fields = vec![text("domain", Repetition::REQUIRED)?];
    for name in column_names(attributes) {
        fields.push(text(&name, Repetition::REQUIRED)?);
    }
    let instant = Type::primitive_type_builder("measured_at", Physical::INT64)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MICROS)));
    let score = Type::primitive_type_builder("score", Physical::INT32).with_repetition(Repetition::OPTIONAL);
    fields.push(Arc::new(instant.build()?));
    fields.push(text("measured", Repetition::REQUIRED)?);
    fields.push(text("colour", Repetition::OPTIONAL)?);
    fields.push(text("grade", Repetition::OPTIONAL)?);
    fields.push(Arc::new(score.build()?));
    fields.push(text("not_measured", Repetition::OPTIONAL)?);
    fields.push(list("operators")?);
    fields.push(list("faults")?);
    Ok(Arc::new(Type::group_type_builder("domains").with_fields(fields).build()?))
}

fn text(name: &str, repetition: Repetition) -> Result<TypePtr> {
    let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
        .with_repetition(repetition)
        .with_logical_type(Some(LogicalType::String));
    Ok(Arc::new(column.build()?))
}

/// A list of texts, as the format has lists: three levels.
fn list(name: &str) -> Result<TypePtr> {
    let elements = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![text("element", Repetition::REQUIRED)?]);
    let list = Type::group_type_builder(name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(elements.build()?)]);
    Ok(Arc::new(list.build()?))
}

fn octets(text: &str) -> ByteArray {
    ByteArray::from(text.as_bytes().to_vec())
}

fn required<'a>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: impl Iterator<Item = &'a str>,
) -> Result<()> {
    write::<ByteArrayType>(group, &values.map(octets).collect::<Vec<_>>(), None, None)
}

fn texts<'a>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: impl Iterator<Item = Option<&'a str>>,
) -> Result<()> {
    optional::<ByteArrayType>(group, Optional::of(values.map(|value| value.map(octets))))
}

fn optional<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    column: Optional<T::T>,
) -> Result<()> {
    write::<T>(group, &column.values, Some(&column.levels), None)
}

/// Lists: an element repeats where it is not the first of its row, and an empty list has a place without a value.
fn lists<'a>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    rows: impl Iterator<Item = impl Iterator<Item = &'a str>>,
) -> Result<()> {
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let before = values.len();
        for element in row {
            repeated.push(i16::from(values.len() > before));
            defined.push(1);
            values.push(octets(element));
        }
        if values.len() == before {
            repeated.push(0);
            defined.push(0);
        }
    }
    write::<ByteArrayType>(group, &values, Some(&defined), Some(&repeated))
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: &[T::T],
    defined: Option<&[i16]>,
    repeated: Option<&[i16]>,
) -> Result<()> {
    let missing = || ParquetError::General("there are more columns than the schema has".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, defined, repeated)?;
    column.close()
}
