//! Associations against each other on a virtual link and clock, and against octets made by hand.

mod bind;
mod garbage;
mod limits;
mod link;
mod operations;
mod raw;
mod recovery;
mod release;
mod reliable;
mod reliable_wire;
mod trace;
mod turns;
mod wire;
