//! Tables for programs that want types: Parquet, written and read back, and workbooks of Excel.
//!
//! [`ParquetTable`] and [`ParquetByYear`] write any [`Table`](gitratra_formats::table::Table),
//! [`Book`] writes several into one workbook, [`parquet_read`] reads days back. Rows are written as
//! they come; what is held of them does not grow with their number.
//!
//! This crate knows neither the store nor the network, and decides nothing about what it carries.

mod batch;
pub mod parquet_by_year;
pub mod parquet_read;
pub mod parquet_write;
pub mod workbook;

pub use parquet_by_year::ParquetByYear;
pub use parquet_read::{DayReader, ReadDay, ReadError};
pub use parquet_write::ParquetTable;
pub use workbook::{Book, Sheet};
