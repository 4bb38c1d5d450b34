//! Foreign and own files to core values and back, streaming.
