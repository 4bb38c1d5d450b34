//! Where GitHub meets the store: one pass.
