//! Core values to rows and back, in SQLite or PostgreSQL.
