//! Countries of the example `lab`: thousands of domains whose truth is known, surveyed by the
//! program, and every row compared.

mod budgets;
mod compare;
mod country;
mod judged;
mod manners;
mod records;
mod truth;
mod waves;
