//! Arithmetic whose result is the same bits on every machine: sums in a fixed order, elementary functions from
//! `libm`, draws from a named counter-based generator, distribution functions exact into their tails.

mod cholesky;
mod distributions;
mod elementary;
mod random;
mod sum;

pub use cholesky::{Cholesky, NotPositiveDefinite};
pub use distributions::{
    beta_quantile, chi_squared_quantile, chi_squared_upper, f_quantile, f_upper, incomplete_beta,
    incomplete_gamma_lower, incomplete_gamma_upper, ln_beta, ln_gamma, normal_lower,
    normal_quantile, normal_two_sided, normal_upper, student_t_quantile, student_t_two_sided,
};
pub use elementary::{
    arc_cosine, arc_tangent, cosine, cube_root, exp, exp_m1, expit, ln, ln_1p, log2, log10, logit,
    power, sine,
};
pub use random::Random;
pub use sum::{dot, mean, quantile_type_7, sum, sum_of_squared_deviations, variance};
