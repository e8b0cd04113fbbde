//! The X.413 message store service.
