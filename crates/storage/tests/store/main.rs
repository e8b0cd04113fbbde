//! The store as its callers see it: promises, crashes, and a naive model beside it.

mod basics;
mod extraction;
mod faults;
mod faulty;
mod format;
mod histories;
mod model;
mod space;
mod support;
mod together;
mod upkeep;
mod verify;
