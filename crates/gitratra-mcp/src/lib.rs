//! The history for assistants: read-only tools over the Model Context Protocol.
