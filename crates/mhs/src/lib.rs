//! The types of X.402, X.411, X.413, X.419 and X.420.
