//! The store as its callers see it: promises, crashes, and a naive model beside it.

mod basics;
mod support;
