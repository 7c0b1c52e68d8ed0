//! Only what changed travels: what a workspace is, as hashes; what changed since; and how the other side gets there.
