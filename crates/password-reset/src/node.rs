//! What one node keeps in memory: who waits, which rows were handed over, which limits were hit, who was
//! refused, how far observers are.

pub(crate) mod alarm;
pub(crate) mod handover;
pub(crate) mod node_limit;
pub(crate) mod observers;
pub(crate) mod places;
pub(crate) mod refusals;
pub(crate) mod turns;
pub(crate) mod waiting;
pub(crate) mod wake;
