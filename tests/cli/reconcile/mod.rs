//! `reconcile`: two reports against each other.

mod answers;
mod athena;
mod engines;
mod pairs;
mod refused;
mod rows;
mod world;
