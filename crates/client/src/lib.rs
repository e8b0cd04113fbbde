//! The initiating ends: a P7 user agent and a P3 MTA.
