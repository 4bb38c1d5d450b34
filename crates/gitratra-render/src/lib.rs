//! Core values to what people look at: same values, same bytes.
