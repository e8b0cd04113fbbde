//! X.402: O/R addresses as people write them, and how two of them are compared.
