//! All tests are one program: it links once.

mod colon_study;
mod data;
mod discrimination;
mod distributions;
mod engine;
mod group_comparison;
mod imaging;
mod language;
mod learning;
mod logistic;
mod paper_table1;
mod provenance;
mod reference;
mod report;
mod spoilt;
mod store;
mod survival;
mod tidy;
