//! Conformance suites, in-memory store, mocks, fake clock, recording notifier and fault injection for password-reset.
