//! The unforgeable leave to act once.
//!
//! invariant: no-permit-no-effect

/// Proof that an action was judged, allowed, and is on the ledger.
///
/// Whoever acts takes one by value, so it serves once. Only this crate can make one:
/// ```compile_fail,E0451
/// let forged = bodkin_guard::Permit { action: (), seq: 0 };
/// ```
/// It can be neither copied
/// ```compile_fail,E0599
/// fn twice<A>(permit: bodkin_guard::Permit<A>) -> bodkin_guard::Permit<A> { permit.clone() }
/// ```
/// nor conjured from nothing or from text:
/// ```compile_fail,E0277
/// fn from_nothing<T: Default>() {}
/// from_nothing::<bodkin_guard::Permit<()>>();
/// ```
/// ```compile_fail,E0277
/// fn from_text<T: for<'de> serde::Deserialize<'de>>() {}
/// from_text::<bodkin_guard::Permit<()>>();
/// ```
#[must_use = "dropping a permit records an action that never happened"]
#[derive(Debug, PartialEq, Eq)]
pub struct Permit<A> {
    action: A,
    seq: u64,
}

impl<A> Permit<A> {
    /// Called by `Guard` alone, after the ledger took the line at `seq`.
    pub(crate) fn new(action: A, seq: u64) -> Self {
        Self { action, seq }
    }

    /// What may be done.
    pub fn action(&self) -> &A {
        &self.action
    }

    /// Place on the ledger of the line that permits it; [`crate::Guard::record_outcome`] refers to it.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Uses the permit up.
    pub fn into_action(self) -> A {
        self.action
    }
}
