//! Distribution functions and quantiles, right to about 10⁻¹³ of their value far into the tails: a p value of 10⁻²⁵⁰
//! keeps its digits, and so do 10⁵ degrees of freedom.
//!
//! A tail is a density-like front times a factor near 1. Where a parameter is large, x^a e^−x / Γ(a) as exp(a ln x −
//! x − ln Γ(a)) would lose the digits of ln Γ(a); the front is therefore written by the saddle point (Loader 2000):
//! Stirling's error of each parameter, which is small, and the deviance of x from the mean, which is small wherever
//! the tail is not 0. The factor is a series below the mean and a continued fraction above it (DiDonato & Morris
//! 1986, 1992). Quantiles are Newton's steps on the logarithm of the smaller tail, which is concave in ln x (or in
//! the logit of x), so that they converge from anywhere.
//! Witness: mpmath, in tests/reference/distributions.json.

mod beta;
mod gamma;
mod newton;
mod normal;
mod saddle_point;
mod student_t;
mod tail;

pub use beta::{beta_quantile, f_quantile, f_upper, incomplete_beta, ln_beta};
pub use gamma::{
    chi_squared_quantile, chi_squared_upper, incomplete_gamma_lower, incomplete_gamma_upper,
    ln_gamma,
};
pub use normal::{normal_lower, normal_quantile, normal_two_sided, normal_upper};
pub use student_t::{student_t_quantile, student_t_two_sided};
