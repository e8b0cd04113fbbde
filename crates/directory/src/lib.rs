//! Who the users and the MTAs are.
