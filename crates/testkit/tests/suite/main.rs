//! The integration suite: one binary, a module a subject.

mod alert;
mod audit;
mod capture;
mod console;
mod contexts;
mod control;
mod fidelity;
mod forwarding;
mod hostile;
mod huge;
mod kill;
mod limits;
mod local;
mod night;
mod oracles;
mod records;
mod reliable;
mod simulation;
mod store;
mod submission;
mod vectors;
mod verify;
