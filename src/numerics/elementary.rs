//! Elementary functions from `libm`: pure Rust, so the same bits on every platform.

/// e^x.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// e^x − 1, exact for small x.
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// ln(1 + x), exact for small x.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// Logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// x^y.
pub fn power(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Cube root.
pub fn cube_root(x: f64) -> f64 {
    libm::cbrt(x)
}

/// Sine of an angle in radians.
pub fn sine(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle in radians.
pub fn cosine(x: f64) -> f64 {
    libm::cos(x)
}

/// Arc cosine, in radians.
pub fn arc_cosine(x: f64) -> f64 {
    libm::acos(x)
}

/// Arc tangent, in radians.
pub fn arc_tangent(x: f64) -> f64 {
    libm::atan(x)
}

/// 1 / (1 + e^−x), without overflow for either sign.
pub fn expit(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// ln(p / (1 − p)).
pub fn logit(p: f64) -> f64 {
    ln(p) - ln_1p(-p)
}
