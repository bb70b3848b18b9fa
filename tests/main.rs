//! All tests are one program: it links once.

mod data;
mod discrimination;
mod engine;
mod learning;
mod logistic;
mod reference;
mod store;
mod survival;
mod tidy;
