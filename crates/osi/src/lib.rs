//! The OSI upper layers over TCP, without sockets or clocks.
