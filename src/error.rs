//! Why bailiwick could not do its work.
