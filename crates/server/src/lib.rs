//! The daemon: listeners, associations, configuration.
