//! The service over a log in memory, a module an operation: PDUs in, PDUs out.

mod common;

mod auto_action;
mod available;
mod bind;
mod brute;
mod chains;
mod classes;
mod contents;
mod credentials;
mod defaults;
mod delete;
mod deliver;
mod due;
mod editions;
mod extensions;
mod extract;
mod fetch;
mod filter;
mod list;
mod local;
mod manage;
mod modify;
mod reads;
mod registration;
mod repeat;
mod report;
mod rules;
mod statement;
mod submit;
mod summarize;
