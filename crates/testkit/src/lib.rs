//! Fixtures, oracles and the integration suite.
