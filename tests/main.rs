//! All tests are one program: it links once.

mod colon_study;
mod data;
mod degenerate;
mod discrimination;
mod distributions;
mod engine;
mod group_comparison;
mod imaging;
mod language;
mod learners_study;
mod learning;
mod logistic;
mod paper_table1;
mod reference;
mod report;
mod spoilt;
mod store;
mod survival;
mod tidy;
mod validate;
