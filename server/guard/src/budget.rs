//! What a run may use up, as values.
//!
//! Amounts are reserved before an act and settled after it, so that acts under way at once can not together use
//! more than is left. What was really used counts, also when it is more than was reserved.
//! Knows amounts, not clocks: whoever measures says what was used.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// So much of each thing that can be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// Wall time, milliseconds.
    pub wall_ms: u64,
    /// CPU time of everything that is run, milliseconds.
    pub cpu_ms: u64,
    /// Candidates tried.
    pub candidates: u64,
}

impl Amount {
    fn plus(self, more: Self) -> Self {
        Self {
            wall_ms: self.wall_ms.saturating_add(more.wall_ms),
            cpu_ms: self.cpu_ms.saturating_add(more.cpu_ms),
            candidates: self.candidates.saturating_add(more.candidates),
        }
    }

    fn minus(self, less: Self) -> Self {
        Self {
            wall_ms: self.wall_ms.saturating_sub(less.wall_ms),
            cpu_ms: self.cpu_ms.saturating_sub(less.cpu_ms),
            candidates: self.candidates.saturating_sub(less.candidates),
        }
    }
}

/// A thing that can be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Wall time.
    Wall,
    /// CPU time.
    Cpu,
    /// Candidates tried.
    Candidates,
}

/// Nothing is left of a thing, or less than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the budget of {resource:?} is used up: {asked} asked for, {left} left of {limit}")]
pub struct Exhausted {
    /// Of which thing.
    pub resource: Resource,
    /// How much was asked for; milliseconds or a number.
    pub asked: u64,
    /// How much is left.
    pub left: u64,
    /// How much there was.
    pub limit: u64,
}

/// The amounts that a run may use up, and has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    limit: Amount,
    reserved: Amount,
    spent: Amount,
}

impl Budget {
    /// Nothing used yet.
    pub fn new(limit: Amount) -> Self {
        Self { limit, reserved: Amount::default(), spent: Amount::default() }
    }

    /// Keeps an amount back for an act that is about to start; all of it or nothing.
    pub fn reserve(&mut self, asked: Amount) -> Result<(), Exhausted> {
        let (left, limit) = (self.left(), self.limit);
        let short = |resource, asked, left, limit| {
            if asked > left { Err(Exhausted { resource, asked, left, limit }) } else { Ok(()) }
        };
        short(Resource::Wall, asked.wall_ms, left.wall_ms, limit.wall_ms)?;
        short(Resource::Cpu, asked.cpu_ms, left.cpu_ms, limit.cpu_ms)?;
        short(Resource::Candidates, asked.candidates, left.candidates, limit.candidates)?;
        self.reserved = self.reserved.plus(asked);
        Ok(())
    }

    /// Gives back what was reserved for an act, and books what it used.
    pub fn settle(&mut self, reserved: Amount, used: Amount) {
        self.reserved = self.reserved.minus(reserved);
        self.spent = self.spent.plus(used);
    }

    /// What is neither used nor reserved.
    pub fn left(&self) -> Amount {
        self.limit.minus(self.spent).minus(self.reserved)
    }

    /// What was used.
    pub fn spent(&self) -> Amount {
        self.spent
    }

    /// What there was at the start.
    pub fn limit(&self) -> Amount {
        self.limit
    }

    /// Whether nothing is left of at least one thing.
    pub fn is_exhausted(&self) -> bool {
        let Amount { wall_ms, cpu_ms, candidates } = self.left();
        wall_ms == 0 || cpu_ms == 0 || candidates == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(candidates: u64) -> Amount {
        Amount { wall_ms: 1, cpu_ms: 1, candidates }
    }

    fn budget(candidates: u64) -> Budget {
        Budget::new(Amount { wall_ms: 100, cpu_ms: 100, candidates })
    }

    #[test]
    fn acts_under_way_at_once_share_what_is_left() {
        let mut budget = budget(10);
        assert_eq!(budget.reserve(amount(6)), Ok(()));
        let short = Exhausted { resource: Resource::Candidates, asked: 6, left: 4, limit: 10 };
        assert_eq!(budget.reserve(amount(6)), Err(short));
        assert_eq!(budget.reserve(amount(4)), Ok(()));
        assert!(budget.is_exhausted());
    }

    #[test]
    fn what_was_reserved_and_not_used_comes_back() {
        let mut budget = budget(10);
        budget.reserve(amount(10)).unwrap();
        budget.settle(amount(10), amount(3));
        assert_eq!((budget.left().candidates, budget.spent().candidates), (7, 3));
    }

    #[test]
    fn what_was_used_counts_also_beyond_what_was_reserved() {
        let mut budget = budget(10);
        budget.reserve(amount(1)).unwrap();
        budget.settle(amount(1), amount(u64::MAX));
        assert_eq!(budget.left().candidates, 0);
        assert_eq!(budget.spent().candidates, u64::MAX);
    }

    #[test]
    fn a_refused_reservation_keeps_nothing_back() {
        let mut budget = budget(10);
        let before = budget;
        assert!(budget.reserve(Amount { wall_ms: 101, ..amount(1) }).is_err());
        assert_eq!(budget, before);
    }
}
