//! Studies of images, run by the program over small volumes that the tests write.

mod broken;
mod cohort;
mod many;
mod run;
mod shared_cohorts;
