"""Reference points for the distribution functions, written to distributions.json beside this file.

python3 distributions.py    (mpmath 1.3.0; 50 digits, checked against 80)

Every argument is taken as the exact value of its double. Tail probabilities are sought at round targets, then the
argument is rounded to six digits and the probability computed there; quantiles are solved for to 40 digits.
"""
import json
import os
import mpmath as mp

TERMS = 10**7
DIGITS = 20


def gamma_lower(a, x):
    if x > a:
        return 1 - gamma_upper(a, x)
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x, maxterms=TERMS)


def gamma_upper(a, x):
    """Above the mean as 1 - P with digits to spare for a P of 1 - 1e-300: the series of P has terms of one sign."""
    if x <= a:
        return 1 - gamma_lower(a, x)
    if x > 3 * a + 3000:
        return mp.mpf(0)
    with mp.workdps(mp.mp.dps + 320):
        return 1 - mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x, maxterms=TERMS)


def beta_lower(a, b, x, y):
    """I_x(a, b) with y = 1 - x, both with 320 digits to spare. Below the mean by a series with terms of one sign, or, where x
    is near 1 so that the series would be long, as 1 - I_y(b, a)."""
    def series(a, b, x, y):
        front = mp.exp(a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)) / a
        return front * mp.hyp2f1(a + b, 1, a + 1, x, maxterms=TERMS)
    if x > a / (a + b):
        return 1 - beta_lower(b, a, y, x)
    if y > mp.mpf("0.01"):
        with mp.workdps(mp.mp.dps - 320):
            return series(a, b, x, y)
    return 1 - series(b, a, y, x)


def normal_upper(z):
    return mp.erfc(z / mp.sqrt(2)) / 2


def chi_squared_upper(x, df):
    return gamma_upper(df / 2, x / 2)


def student_t_two_sided(t, df):
    with mp.workdps(mp.mp.dps + 320):
        return beta_lower(df / 2, mp.mpf(1) / 2, df / (df + t * t), t * t / (df + t * t))


def f_upper(x, d1, d2):
    with mp.workdps(mp.mp.dps + 320):
        return beta_lower(d2 / 2, d1 / 2, d2 / (d1 * x + d2), d1 * x / (d1 * x + d2))


def incomplete_beta(x, a, b):
    with mp.workdps(mp.mp.dps + 320):
        return beta_lower(a, b, x, 1 - x)


def solve(function, target, sign, digits):
    """w with function(w) = target, where the logarithm of function rises (sign 1) or falls (-1): bisection, then secants."""
    goal = mp.log(target)
    with mp.workdps(15):
        low, high = mp.mpf(-700), mp.mpf(700)
        for _ in range(45):
            w = (low + high) / 2
            value = function(w)
            if (-1 if value <= 0 else mp.log(value) - goal) * sign < 0:
                low = w
            else:
                high = w
    if high - low > 1e-8 or high > 690 or low < -690:
        raise ValueError("no root")
    if digits < 10:
        return w
    old, new = w - mp.mpf("1e-9"), w
    before = mp.log(function(old)) - goal
    for _ in range(12):
        now = mp.log(function(new)) - goal
        if now == before:
            break
        old, new, before = new, new - now * (new - old) / (now - before), now
        if abs(new - old) < mp.mpf(10) ** -digits:
            return new
    raise ValueError("no convergence")


def rounded(x):
    return float(mp.nstr(x, 6))


def tail_points(function, parameters, targets, sign, argument):
    points = []
    for parameter in parameters:
        exact = [mp.mpf(p) for p in parameter]
        for target in targets:
            mp.mp.dps = 20
            try:
                w = solve(lambda w: function(argument(w), *exact), mp.mpf(target), sign, 6)
            except ValueError:
                continue
            x = rounded(argument(w))
            if x == 0 or abs(x) > 1e290:
                continue
            values = []
            for mp.mp.dps in (80, 50):
                values.append(function(mp.mpf(x), *[mp.mpf(p) for p in parameter]))
            assert abs(values[0] / values[1] - 1) < mp.mpf("1e-30"), (function, x, parameter)
            points.append([x, *parameter, mp.nstr(values[0], DIGITS)])
    return points


def quantile_points(lower, upper, parameters, probabilities, argument):
    """`lower` and `upper` are the two tails as functions of the argument."""
    points = []
    for parameter in parameters:
        for probability in probabilities:
            mp.mp.dps = 50
            p = mp.mpf(probability)
            exact = [mp.mpf(v) for v in parameter]
            try:
                if p <= 0.5:
                    w = solve(lambda w: lower(argument(w), *exact), p, 1, 35)
                else:
                    w = solve(lambda w: upper(argument(w), *exact), 1 - p, -1, 35)
            except ValueError:  # beyond the numbers
                continue
            x = argument(w)
            if not mp.mpf("1e-290") < abs(x) < mp.mpf("1e290"):
                continue
            points.append([probability, *parameter, mp.nstr(x, DIGITS)])
    return points


UPPER = ["0.9", "0.5", "0.05", "1e-5", "1e-20", "1e-50", "1e-100", "1e-250"]
DF = [(1.0,), (2.0,), (3.0,), (5.0,), (10.0,), (29.7,), (100.0,), (1000.0,), (12345.6,), (100000.0,)]
PAIRS_F = [(1.0, 1.0), (1.0, 10.0), (2.0, 5.0), (3.0, 30.5), (5.0, 2.0), (10.0, 10.0), (19.0, 20.0), (100.0, 3.0),
           (4.0, 1000.0), (1000.0, 1000.0), (123.4, 7777.0), (100000.0, 2.0), (2.0, 100000.0), (100000.0, 100000.0)]
PAIRS_BETA = [(0.5, 0.5), (0.1, 3.0), (4.0, 0.2), (2.0, 3.0), (50.0, 70.0), (38.0, 18.0), (700.5, 1000.0), (5000.0, 5000.0),
              (5.0, 50000.0), (50000.0, 5.0), (0.5, 50000.0), (50000.0, 50000.0)]
SHAPES = [(0.1,), (0.5,), (1.0,), (4.2,), (33.0,), (1000.0,), (50000.0,)]
PROBABILITIES = [1e-250, 1e-50, 1e-10, 0.025, 0.3, 0.5, 0.975, 0.999999]

positive = mp.exp
unit = lambda w: 1 / (1 + mp.exp(-w))
plain = lambda w: w


def t_quantiles():
    tail = lambda t, df: student_t_two_sided(t, df) / 2
    points = []
    for parameter in DF:
        for probability in PROBABILITIES:
            if probability == 0.5:
                continue
            mp.mp.dps = 50
            p, exact = mp.mpf(probability), mp.mpf(parameter[0])
            try:
                w = solve(lambda w: tail(mp.exp(w), exact), min(p, 1 - p), -1, 35)
            except ValueError:  # beyond the numbers
                continue
            t = mp.exp(w) * (1 if p > 0.5 else -1)
            if abs(t) < mp.mpf("1e290"):
                points.append([probability, *parameter, mp.nstr(t, DIGITS)])
    return points


def main():
    functions = [
        ("normal_upper", "erfc(z / sqrt(2)) / 2",
         tail_points(normal_upper, [()], ["0.999", "0.7", "0.25", "0.025", "1e-3", *UPPER[3:], "1e-300"], -1, plain)),
        ("incomplete_gamma_upper", "1 - x^a e^-x / Gamma(a + 1) hyp1f1(1, a + 1, x)",
         tail_points(lambda x, a: gamma_upper(a, x), SHAPES, UPPER, -1, positive)),
        ("incomplete_gamma_lower", "x^a e^-x / Gamma(a + 1) hyp1f1(1, a + 1, x)",
         tail_points(lambda x, a: gamma_lower(a, x), SHAPES, UPPER, 1, positive)),
        ("chi_squared_upper", "Q(df / 2, x / 2), Q as incomplete_gamma_upper",
         tail_points(chi_squared_upper, DF, UPPER, -1, positive)),
        ("student_t_two_sided", "I(df / 2, 1/2, df / (df + t^2)), I as incomplete_beta",
         tail_points(student_t_two_sided, DF, UPPER, -1, positive)),
        ("f_upper", "I(d2 / 2, d1 / 2, d2 / (d1 x + d2)), I as incomplete_beta",
         tail_points(f_upper, PAIRS_F, UPPER, -1, positive)),
        ("incomplete_beta", "x^a (1 - x)^b / (a B(a, b)) hyp2f1(a + b, 1, a + 1, x), or 1 less the other end",
         tail_points(incomplete_beta, PAIRS_BETA, UPPER, 1, unit)),
        ("normal_quantile", "root of erfc(z / sqrt(2)) / 2",
         quantile_points(lambda z: normal_upper(-z), normal_upper, [()],
                         [1e-300, *(p for p in PROBABILITIES if p != 0.5), 0.49, 0.6, 0.75], plain)),
        ("chi_squared_quantile", "root of P(df / 2, x / 2), P as incomplete_gamma_lower",
         quantile_points(lambda x, d: gamma_lower(d / 2, x / 2), chi_squared_upper, DF, PROBABILITIES, positive)),
        ("student_t_quantile", "root of I", t_quantiles()),
        ("f_quantile", "root of I",
         quantile_points(lambda x, a, b: f_upper(1 / x, b, a), f_upper, PAIRS_F, PROBABILITIES, positive)),
        ("beta_quantile", "root of I",
         quantile_points(incomplete_beta, lambda x, a, b: incomplete_beta(1 - x, b, a), PAIRS_BETA, PROBABILITIES, unit)),
    ]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "distributions.json")
    text = lambda value: value if isinstance(value, str) else repr(value)
    inputs, expected = [], []
    for name, _, points in functions:
        print(name, len(points), flush=True)
        arguments = ",\n".join("      [" + ", ".join(text(v) for v in p[:-1]) + "]" for p in points)
        values = ",\n".join("      " + text(p[-1]) for p in points)
        inputs.append('    "%s": [\n%s]' % (name, arguments))
        expected.append('    "%s": [\n%s]' % (name, values))
    note = " ; ".join("%s: %s" % (name, call) for name, call, _ in functions)
    note += ". Each point is a list of arguments; values to %d digits, which hold far into the tails." % DIGITS
    with open(path, "w") as file:
        file.write('{\n  "id": "distributions",\n  "method": "distribution_functions",\n')
        file.write('  "tool": "mpmath %s",\n  "call": "distributions.py, at 50 and 80 digits",\n' % mp.__version__)
        file.write('  "data": {"inputs": {\n%s\n  }},\n  "args": {},\n' % ",\n".join(inputs))
        file.write('  "expected": {\n%s\n  },\n' % ",\n".join(expected))
        file.write('  "tolerance": {"relative": 1e-12},\n  "note": %s\n}\n' % json.dumps(note))


if __name__ == "__main__":
    main()
