//! Tables for other programs: Parquet both ways, and XLSX.
