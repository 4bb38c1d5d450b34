//! A simulated GitHub on loopback, written from what GitHub was measured to answer.
