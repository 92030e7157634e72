//! `reconcile`: two reports against each other.

mod answers;
mod pairs;
mod refused;
mod rows;
mod world;
