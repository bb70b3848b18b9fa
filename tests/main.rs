//! All tests are one program: it links once.

mod discrimination;
mod learning;
mod logistic;
mod reference;
mod survival;
mod tidy;
