//! Copies of a store that were looked at after they were written, in a folder or in an S3-compatible store.
