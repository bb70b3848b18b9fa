//! Distribution functions and quantiles, by their upper tails, so that a p value of 1e-50 keeps its digits.

use super::elementary::{exp, ln, ln_1p};

/// P(Z > z) for a standard normal Z.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// P(Z ≤ z) for a standard normal Z.
pub fn normal_lower(z: f64) -> f64 {
    normal_upper(-z)
}

/// P(|Z| > |z|) for a standard normal Z.
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// z with P(Z ≤ z) = `probability`: bisection on the exact tail, to the last bit.
pub fn normal_quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    if probability == 0.5 {
        return 0.0;
    }
    if probability > 0.5 {
        return -normal_quantile(1.0 - probability);
    }
    if probability == 0.0 {
        return f64::NEG_INFINITY;
    }
    root(-40.0, 0.0, |z| normal_lower(z) - probability)
}

/// ln Γ(x).
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// ln B(a, b).
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Q(a, x) = Γ(a, x) / Γ(a), the regularised upper incomplete gamma function.
pub fn incomplete_gamma_upper(a: f64, x: f64) -> f64 {
    if x.is_nan() || a.is_nan() || a <= 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let front = exp(a * ln(x) - x - ln_gamma(a));
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut total = term;
        let mut n = a;
        for _ in 0..10_000 {
            n += 1.0;
            term *= x / n;
            total += term;
            if term < total * 1e-17 {
                break;
            }
        }
        1.0 - front * total
    } else {
        let tiny = 1e-300;
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / tiny;
        let mut d = 1.0 / b;
        let mut h = d;
        for i in 1..10_000 {
            let i = f64::from(i);
            let an = -i * (i - a);
            b += 2.0;
            d = 1.0 / not_zero(an * d + b, tiny);
            c = not_zero(b + an / c, tiny);
            let delta = d * c;
            h *= delta;
            if (delta - 1.0).abs() < 1e-16 {
                break;
            }
        }
        front * h
    }
}

/// I_x(a, b), the regularised incomplete beta function; `complement` must be 1 − x, given apart so that a small one
/// keeps its digits.
pub fn incomplete_beta(a: f64, b: f64, x: f64, complement: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if complement <= 0.0 {
        return 1.0;
    }
    let ln_x = if x > 0.5 { ln_1p(-complement) } else { ln(x) };
    let ln_complement = if complement > 0.5 {
        ln_1p(-x)
    } else {
        ln(complement)
    };
    let front = exp(a * ln_x + b * ln_complement - ln_beta(a, b));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, complement) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0), tiny);
    let mut h = d;
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d, tiny);
        c = not_zero(1.0 + even / c, tiny);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d, tiny);
        c = not_zero(1.0 + odd / c, tiny);
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

fn not_zero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

/// P(X > x) for a chi-squared X with `degrees` degrees of freedom.
pub fn chi_squared_upper(x: f64, degrees: f64) -> f64 {
    incomplete_gamma_upper(degrees / 2.0, x / 2.0)
}

/// x with P(X ≤ x) = `probability` for a chi-squared X.
pub fn chi_squared_quantile(probability: f64, degrees: f64) -> f64 {
    let mut high = degrees.max(1.0);
    while 1.0 - chi_squared_upper(high, degrees) < probability && high < 1e9 {
        high *= 2.0;
    }
    root(0.0, high, |x| {
        (1.0 - chi_squared_upper(x, degrees)) - probability
    })
}

/// P(|T| > |t|) for Student's t.
pub fn student_t_two_sided(t: f64, degrees: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    let square = t * t;
    incomplete_beta(
        degrees / 2.0,
        0.5,
        degrees / (degrees + square),
        square / (degrees + square),
    )
}

/// t with P(T ≤ t) = `probability`.
pub fn student_t_quantile(probability: f64, degrees: f64) -> f64 {
    if probability < 0.5 {
        return -student_t_quantile(1.0 - probability, degrees);
    }
    let mut high = 1.0;
    while 0.5 * student_t_two_sided(high, degrees) > 1.0 - probability && high < 1e300 {
        high *= 2.0;
    }
    root(0.0, high, |t| {
        (1.0 - probability) - 0.5 * student_t_two_sided(t, degrees)
    })
}

/// P(F > x) for Fisher's F with `d1` and `d2` degrees of freedom.
pub fn f_upper(x: f64, d1: f64, d2: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let whole = d1 * x + d2;
    incomplete_beta(d2 / 2.0, d1 / 2.0, d2 / whole, d1 * x / whole)
}

/// x with P(F ≤ x) = `probability`.
pub fn f_quantile(probability: f64, d1: f64, d2: f64) -> f64 {
    let mut high = 1.0;
    while f_upper(high, d1, d2) > 1.0 - probability && high < 1e300 {
        high *= 2.0;
    }
    root(0.0, high, |x| (1.0 - probability) - f_upper(x, d1, d2))
}

/// x with I_x(a, b) = `probability`.
pub fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    root(0.0, 1.0, |x| {
        incomplete_beta(a, b, x, 1.0 - x) - probability
    })
}

/// The root of an increasing function between `low` and `high`, by bisection to neighbouring numbers.
fn root(mut low: f64, mut high: f64, function: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if function(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}
