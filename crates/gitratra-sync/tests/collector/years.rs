//! A year with everything that a year brings.
