//! All tests are one program: it links once.

mod colon_study;
mod data;
mod degenerate;
mod discrimination;
mod distributions;
mod engine;
mod features_command;
mod group_comparison;
mod images;
mod imaging;
mod language;
mod learners_study;
mod learning;
mod logistic;
mod paper_table1;
mod provenance;
mod radiomics;
mod reference;
mod report;
mod simulation;
mod spoilt;
mod store;
mod survival;
mod tidy;
mod validate;
