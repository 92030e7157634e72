//! `doctor`: every check in a set-up that is as it should be, in one that is not, and where it may not be read.

mod formats;
mod places;
mod scene;
mod states;
mod unknown;
