# Makes reference cases of this folder with R. Run here: Rscript cases.R
suppressMessages({library(jsonlite); library(survival); library(glmnet); library(pROC); library(sva); library(ranger); library(Hmisc)})
version <- function(...) {
  packages <- sapply(c(...), function(p) paste(p, packageVersion(p)))
  paste(c(paste0("R ", R.version$major, ".", R.version$minor), packages), collapse = ", ")
}
write_case <- function(id, method, tool, call, data, args, expected, tolerance, note) {
  case <- list(id = id, method = method, tool = tool, call = call, data = data, args = args, expected = expected,
               tolerance = tolerance, note = note)
  writeLines(toJSON(case, auto_unbox = TRUE, digits = I(17), na = "null", null = "null", pretty = FALSE), paste0(id, ".json"))
}
none <- setNames(list(), character(0))
read <- function(name) read.csv(file.path("cohorts", name))
birthwt <- read("birthwt.csv"); colon <- read("colon_complete.csv"); pbc <- read("pbc.csv"); mrmr <- read("mrmr_matrix.csv")

# Welch's analysis of variance
for (one in list(c("welch_anova_birthwt", "birthwt.csv", "lwt", "race"), c("welch_anova_colon", "colon_complete.csv", "age", "extent"),
                 c("welch_anova_two_groups", "birthwt.csv", "lwt", "smoke"))) {
  d <- read(one[2])
  t <- oneway.test(d[[one[3]]] ~ factor(d[[one[4]]]), var.equal = FALSE)
  write_case(one[1], "welch_anova", version("stats"), "oneway.test(var.equal = FALSE)",
             list(csv = paste0("cohorts/", one[2]), value = one[3], group = one[4]), none,
             list(statistic = t$statistic[[1]], df = unname(t$parameter), p = t$p.value), list(relative = 1e-9), "Welch 1951.")
}

# Fisher by simulation: the exact p value, with the standard deviation of a proportion of that many tables
rows <- list(c(3, 1, 4, 2), c(0, 5, 2, 1), c(6, 2, 0, 3), c(1, 1, 7, 2))
p <- fisher.test(do.call(rbind, rows), workspace = 2e7)$p.value
write_case("fisher_monte_carlo_4x4", "fisher_monte_carlo", version("stats"), "fisher.test(workspace = 2e7)",
           list(inputs = list(rows = rows)), list(tables = 20000),
           list(p_mean = p, p_sd = sqrt(p * (1 - p) / 20000 / 20)), list(standard_deviations = 4),
           "The exact p value; p_sd is the standard error of the mean of 20 runs of 20,000 tables each.")

# Interactions in logistic and Cox regression
fit <- glm(low ~ age + lwt + race + smoke + race:smoke + age:lwt, binomial, birthwt, control = glm.control(epsilon = 1e-15, maxit = 100))
s <- coef(summary(fit))
write_case("logistic_interaction_birthwt", "logistic_regression", version("stats"), "glm(binomial, epsilon = 1e-15)",
           list(csv = "cohorts/birthwt.csv", formula = "low ~ age * lwt + race * smoke"), none,
           list(terms = c("(Intercept)", "age", "lwt", "raceother", "racewhite", "smoke", "age:lwt", "raceother:smoke", "racewhite:smoke"),
                coefficient = unname(coef(fit)[c("(Intercept)", "age", "lwt", "raceother", "racewhite", "smoke", "age:lwt", "raceother:smoke", "racewhite:smoke")]),
                standard_error = unname(s[c("(Intercept)", "age", "lwt", "raceother", "racewhite", "smoke", "age:lwt", "raceother:smoke", "racewhite:smoke"), 2]),
                deviance = deviance(fit), aic = AIC(fit)), list(relative = 1e-6), "Interactions follow the main effects.")
fit <- coxph(Surv(dfs_days, dfs_event) ~ nodes + sex + differ + nodes:differ + sex:nodes, colon, control = coxph.control(eps = 1e-11, toler.chol = 1e-12, iter.max = 50))
names <- c("nodes", "sexmale", "differpoor", "differwell", "nodes:differpoor", "nodes:differwell", "nodes:sexmale")
found <- names(coef(fit)); map <- sapply(names, function(n) { r <- paste(rev(strsplit(n, ":")[[1]]), collapse = ":"); if (n %in% found) n else r })
s <- coef(summary(fit))
write_case("cox_interaction_terms_colon", "cox_stratified", version("survival"), "coxph(eps = 1e-12)",
           list(csv = "cohorts/colon_complete.csv", formula = "Surv(dfs_days, dfs_event) ~ nodes * differ + sex + nodes:sex"), none,
           list(terms = c("nodes", "differpoor", "differwell", "sexmale", "nodes:differpoor", "nodes:differwell", "nodes:sexmale"),
                coefficient = unname(coef(fit)[map[c("nodes", "differpoor", "differwell", "sexmale", "nodes:differpoor", "nodes:differwell", "nodes:sexmale")]]),
                standard_error = unname(s[map[c("nodes", "differpoor", "differwell", "sexmale", "nodes:differpoor", "nodes:differwell", "nodes:sexmale")], 3]),
                log_likelihood = fit$loglik), list(relative = 1e-6), "Interactions in Cox regression; no strata here.")

# Elastic net
x <- model.matrix(low ~ age + lwt + race + smoke + ptl + ht + ui + ftv, birthwt)[, -1]
lambda <- c(0.2, 0.1, 0.05, 0.02, 0.01); fold <- rep(1:5, length.out = nrow(x))
g <- glmnet(x, birthwt$low, family = "binomial", alpha = 0.5, lambda = lambda, thresh = 1e-16, maxit = 1e7)
cv <- cv.glmnet(x, birthwt$low, family = "binomial", alpha = 0.5, lambda = lambda, foldid = fold, thresh = 1e-16, maxit = 1e7, type.measure = "deviance")
write_case("elastic_net_birthwt", "penalized_logistic_regression", version("glmnet"),
           "glmnet(binomial, alpha = 0.5, thresh = 1e-16); cv.glmnet(foldid, type.measure = 'deviance')",
           list(csv = "cohorts/birthwt.csv", formula = "low ~ age + lwt + race + smoke + ptl + ht + ui + ftv"),
           list(alpha = 0.5, lambda = lambda, fold = fold),
           list(terms = colnames(x), intercept = unname(g$a0), coefficient = unname(lapply(seq_along(lambda), function(i) unname(as.matrix(g$beta)[, i]))),
                cv_deviance = cv$cvm, cv_standard_error = cv$cvsd, lambda_min = cv$lambda.min, lambda_one_standard_error = cv$lambda.1se),
           list(absolute = 1e-5), "As lasso_birthwt, half way between lasso and ridge.")

# Stepwise
full <- low ~ age + lwt + race + smoke + ptl + ht + ui + ftv
for (direction in c("forward", "both", "backward")) for (criterion in c("aic", "bic")) {
  start <- if (direction == "forward") low ~ 1 else full
  k <- if (criterion == "aic") 2 else log(nrow(birthwt))
  birthwt0 <- birthwt
  first <- glm(start, binomial, birthwt0, control = glm.control(epsilon = 1e-14))
  s <- step(first, scope = list(lower = low ~ 1, upper = full), direction = direction, k = k, trace = 0)
  steps <- as.character(s$anova$Step); steps[is.na(steps)] <- ""
  write_case(paste("stepwise", direction, criterion, sep = "_"), "stepwise_selection", version("stats"),
             sprintf("step(direction = '%s', k = %s)", direction, if (k == 2) "2" else "log(n)"),
             list(csv = "cohorts/birthwt.csv", formula = "low ~ age + lwt + race + smoke + ptl + ht + ui + ftv"),
             list(direction = direction, criterion = criterion),
             list(path = lapply(seq_along(steps), function(i) list(change = trimws(steps[i]), criterion = s$anova$AIC[i])),
                  terms = I(sort(attr(terms(s), "term.labels")))), list(relative = 1e-7),
             "A category enters and leaves whole. Backward and both start from all terms, forward from none.")
}

# Cut-off rules
outcome <- pbc$status == 2; score <- pbc$bili
r <- roc(outcome, score, direction = "<", quiet = TRUE)
at <- sort(unique(score)); sens <- sapply(at, function(c) mean(score[outcome] >= c)); spec <- sapply(at, function(c) mean(score[!outcome] < c))
best <- coords(r, "best", ret = c("sensitivity", "specificity"))
youden <- which.max(round(sens + spec, 12)); stopifnot(abs(sens[youden] - best$sensitivity) < 1e-12)
rule <- function(i) list(cutoff = at[i], sensitivity = sens[i], specificity = spec[i])
ask_sens <- c(0.5, 0.8, 0.95, 1); ask_spec <- c(0.5, 0.8, 0.95); ask_q <- c(0.25, 0.5, 0.9)
write_case("cutoff_rules_pbc", "learned_cutoff", version("pROC"), "coords(roc, 'best'); sensitivity and specificity of 'score >= cut-off' at every value; quantile()",
           list(inputs = list(outcome = as.integer(outcome), score = score)),
           list(sensitivity = ask_sens, specificity = ask_spec, quantile = ask_q),
           list(youden = rule(youden), sensitivity = lapply(ask_sens, function(a) rule(max(which(sens >= a - 1e-12)))),
                specificity = lapply(ask_spec, function(a) rule(min(which(spec >= a - 1e-12)))),
                quantile = unname(quantile(score, ask_q))), list(relative = 1e-12),
           "Highest cut-off with the sensitivity, lowest with the specificity, quantile type 7.")

# Univariate filter
f <- setdiff(names(mrmr), "y")
u <- sapply(f, function(n) wilcox.test(mrmr[[n]][mrmr$y == 1], mrmr[[n]][mrmr$y == 0], exact = FALSE, correct = TRUE)$statistic)
p <- sapply(f, function(n) wilcox.test(mrmr[[n]][mrmr$y == 1], mrmr[[n]][mrmr$y == 0], exact = FALSE, correct = TRUE)$p.value)
auc <- sapply(f, function(n) as.numeric(auc(roc(mrmr$y, mrmr[[n]], direction = "<", quiet = TRUE))))
o <- order(-round(abs(auc - 0.5), 12))
write_case("univariate_filter_matrix", "univariate_filter", version("pROC", "stats"), "auc(roc(direction = '<')); wilcox.test(exact = FALSE)",
           list(csv = "cohorts/mrmr_matrix.csv", outcome = "y"), none,
           list(order = f[o], auc = unname(auc[o]), u_statistic = unname(u[o]), p = unname(p[o])), list(relative = 1e-9), "By |AUC - 1/2|, largest first.")

# Standardisation
z <- scale(mrmr[, f])
write_case("standardization_matrix", "standardization", version("base"), "scale()",
           list(csv = "cohorts/mrmr_matrix.csv", features = paste0(f[1], "..", f[length(f)])), none,
           list(mean = unname(attr(z, "scaled:center")), standard_deviation = unname(attr(z, "scaled:scale")), first_patient = unname(z[1, ])),
           list(relative = 1e-10), "n - 1.")

# Intraclass correlation: every form, by the mean squares of aov and the tables of McGraw & Wong 1996
ratings <- rbind(c(9, 2, 5, 8), c(6, 1, 3, 2), c(8, 4, 6, 8), c(7, 1, 2, 6), c(10, 5, 6, 9), c(6, 2, 4, 7))
icc <- function(x, model, agreement, unit, r0, conf) {
  n <- nrow(x); k <- ncol(x); d <- data.frame(y = c(x), s = factor(rep(1:n, k)), r = factor(rep(1:k, each = n)))
  a <- anova(lm(y ~ s + r, d)); R <- a["s", 3]; C <- a["r", 3]; E <- a["Residuals", 3]; W <- anova(lm(y ~ s, d))["Residuals", 3]
  q <- 1 - (1 - conf) / 2
  if (model == "one_way_random" || !agreement) {
    M <- if (model == "one_way_random") W else E
    df2 <- if (model == "one_way_random") n * (k - 1) else (n - 1) * (k - 1)
    one <- unit == "single"
    est <- if (one) (R - M) / (R + (k - 1) * M) else (R - M) / R
    f <- if (one) R / M * (1 - r0) / (1 + (k - 1) * r0) else R / M * (1 - r0)
    L <- R / M / qf(q, n - 1, df2); U <- R / M * qf(q, df2, n - 1)
    ci <- if (one) c((L - 1) / (L + k - 1), (U - 1) / (U + k - 1)) else c(1 - 1 / L, 1 - 1 / U)
    df1 <- n - 1
  } else {
    one <- unit == "single"
    est <- if (one) (R - E) / (R + (k - 1) * E + k * (C - E) / n) else (R - E) / (R + (C - E) / n)
    v <- function(rho) { if (one) { a <- k * rho / (n * (1 - rho)); b <- 1 + k * rho * (n - 1) / (n * (1 - rho)) } else { a <- rho / (n * (1 - rho)); b <- 1 + rho * (n - 1) / (n * (1 - rho)) }
      list(a = a, b = b, v = (a * C + b * E)^2 / ((a * C)^2 / (k - 1) + (b * E)^2 / ((n - 1) * (k - 1)))) }
    t <- v(r0); f <- R / (t$a * C + t$b * E); df2 <- t$v; df1 <- n - 1
    single <- (R - E) / (R + (k - 1) * E + k * (C - E) / n)
    a <- k * single / (n * (1 - single)); b <- 1 + k * single * (n - 1) / (n * (1 - single))
    vv <- (a * C + b * E)^2 / ((a * C)^2 / (k - 1) + (b * E)^2 / ((n - 1) * (k - 1)))
    FL <- qf(q, n - 1, vv); FU <- qf(q, vv, n - 1)
    low <- n * (R - FL * E) / (FL * (k * C + (k * n - k - n) * E) + n * R); high <- n * (FU * R - E) / (k * C + (k * n - k - n) * E + n * FU * R)
    ci <- if (one) c(low, high) else c(low * k / (1 + low * (k - 1)), high * k / (1 + high * (k - 1)))
  }
  list(icc = est, f = f, df = c(df1, df2), p = pf(f, df1, df2, lower.tail = FALSE), ci95 = ci)
}
forms <- list(); expected <- list()
for (model in c("one_way_random", "two_way_random", "two_way_mixed")) for (agreement in c(TRUE, FALSE)) for (unit in c("single", "average")) {
  if (model == "one_way_random" && !agreement) next
  forms <- c(forms, list(list(model = model, agreement = agreement, unit = unit)))
  expected <- c(expected, list(icc(ratings, model, agreement, unit, 0.05, 0.95)))
}
write_case("icc_forms_null_value", "intraclass_correlation_form", version("stats"), "mean squares of anova(lm()), the tables of McGraw & Wong 1996 in R",
           list(inputs = list(ratings = lapply(1:6, function(i) ratings[i, ]))), list(forms = forms, null_value = 0.05, confidence = 0.95),
           list(forms = expected), list(relative = 1e-8), "Shrout & Fleiss 1979, six subjects and four judges; F test of the null value 0.05.")

# Reclassification in categories of risk
fit_old <- fitted(glm(early_recurrence ~ age + sex, binomial, colon)); fit_new <- fitted(glm(early_recurrence ~ age + sex + nodes + differ + extent, binomial, colon))
use <- seq(1, nrow(colon), by = 3); y <- colon$early_recurrence[use]; old <- round(fit_old[use], 6); new <- round(fit_new[use], 6)
i <- improveProb(old, new, y); cut1 <- c(0.15, 0.3); co <- findInterval(old, cut1); cn <- findInterval(new, cut1)
up <- cn > co; down <- cn < co; e <- y == 1
part <- function(w) { n <- sum(w); u <- sum(up & w) / n; d <- sum(down & w) / n; list(d = u - d, v = (u + d) / n - (u - d)^2 / n) }
a <- part(e); b <- part(!e); nri <- a$d - b$d; se <- sqrt(a$v + b$v)
write_case("nri_categories_colon", "net_reclassification", version("Hmisc", "stats"), "findInterval(); variances of Pencina 2011; improveProb for the IDI",
           list(inputs = list(outcome = y, probability_old = unname(old), probability_new = unname(new))), list(categories = cut1),
           list(categorical_nri = nri, nri_standard_error = se, nri_z = nri / se, nri_p = 2 * pnorm(-abs(nri / se)), nri_events = a$d, nri_nonevents = -b$d,
                idi = i$idi, idi_standard_error = i$se.idi, idi_z = i$z.idi), list(relative = 1e-8), "A patient on a limit belongs above it.")

# Sample size and events per variable
models <- list(list(parameters = 24, prevalence = 0.174, cox_snell_r_squared = 0.0719), list(parameters = 10, prevalence = 0.5, cox_snell_r_squared = 0.2),
               list(parameters = 30, prevalence = 0.05, cox_snell_r_squared = 0.03))
size <- function(m) { P <- m$parameters; phi <- m$prevalence; r <- m$cox_snell_r_squared
  mx <- 1 - (phi^phi * (1 - phi)^(1 - phi))^2; n1 <- ceiling(P / ((0.9 - 1) * log(1 - r / 0.9))); S <- r / (r + 0.05 * mx)
  n2 <- ceiling(P / ((S - 1) * log(1 - r / S))); n3 <- ceiling((1.96 / 0.05)^2 * phi * (1 - phi)); n <- max(n1, n2, n3)
  list(max_cox_snell_r_squared = mx, patients_for_shrinkage = n1, patients_for_r_squared_difference = n2, shrinkage_of_r_squared_difference = S,
       patients_for_overall_risk = n3, patients = n, events = ceiling(n * phi), events_per_parameter = n * phi / P) }
write_case("sample_size_riley", "sample_size_binary", version("stats"), "the formulas of Riley et al. 2019 and 2020",
           list(inputs = list(models = models)), none, list(models = lapply(models, size)), list(relative = 1e-10), "Shrinkage 0.9, difference 0.05, margin 0.05.")
write_case("events_per_variable_colon", "events_per_variable", version("base"), "table()",
           list(inputs = list(outcome = colon$early_recurrence)), list(parameters = 9),
           list(patients = nrow(colon), events = sum(colon$early_recurrence), limiting = min(table(colon$early_recurrence)),
                events_per_variable = min(table(colon$early_recurrence)) / 9), list(relative = 1e-12), "The smaller class counts.")

# Inverse probability weighting
d <- read("colon_obs_lev5fu.csv"); conf <- c("age", "sex", "nodes", "differ", "extent")
ps <- glm(reformulate(conf, "lev5fu"), binomial, d, control = glm.control(epsilon = 1e-15)); e <- fitted(ps); A <- d$lev5fu; m <- mean(A)
w <- ifelse(A == 1, m / e, (1 - m) / (1 - e)); X <- model.matrix(reformulate(conf), d)[, -1]
ess <- function(w) sum(w)^2 / sum(w^2)
balance <- function(w) apply(X, 2, function(x) { m1 <- weighted.mean(x[A == 1], w[A == 1]); m0 <- weighted.mean(x[A == 0], w[A == 0])
  v <- function(x) if (all(x %in% 0:1)) mean(x) * (1 - mean(x)) else var(x); (m1 - m0) / sqrt((v(x[A == 1]) + v(x[A == 0])) / 2) })
cx <- coxph(Surv(dfs_days, dfs_event) ~ lev5fu, d, weights = w, robust = TRUE, control = coxph.control(eps = 1e-11, toler.chol = 1e-12)); cu <- coxph(Surv(dfs_days, dfs_event) ~ lev5fu, d, control = coxph.control(eps = 1e-11, toler.chol = 1e-12))
se <- sqrt(cx$var[1]); b <- coef(cx)[[1]]
write_case("iptw_colon_lev5fu", "inverse_probability_weighting", version("survival", "stats"), "glm propensity score; stabilised weights; coxph(weights = w, robust = TRUE)",
           list(csv = "cohorts/colon_obs_lev5fu.csv", treatment = "lev5fu", confounders = conf, time = "dfs_days", event = "dfs_event"),
           list(estimand = "average_treatment_effect", stabilized = TRUE),
           list(propensity_terms = names(coef(ps)), propensity_coefficients = unname(coef(ps)), weight_mean = mean(w), weight_min = min(w), weight_max = max(w),
                effective_sample_size = c(ess(w[A == 0]), ess(w[A == 1])), balance_terms = colnames(X), smd_before = unname(balance(rep(1, nrow(d)))),
                smd_after = unname(balance(w)), unweighted_hazard_ratio = exp(coef(cu)[[1]]), hazard_ratio = exp(b), coefficient = b, robust_standard_error = se,
                ci95 = exp(b + c(-1, 1) * qnorm(0.975) * se), p = 2 * pnorm(-abs(b / se))), list(relative = 1e-6, smd_after_absolute = 1e-9), "The trial was randomised, so weights are near 1.")

# A Cox model in other patients: the validation rows are two thirds of another table of the same trial
train <- read("colon_obs_lev5fu.csv"); test <- colon
model <- Surv(dfs_days, dfs_event) ~ age + sex + nodes + differ + extent
fit <- coxph(model, train, control = coxph.control(eps = 1e-11, toler.chol = 1e-12)); Xt <- model.matrix(~ age + sex + nodes + differ + extent, test)[, -1]
lp <- as.vector(Xt %*% coef(fit)); cc <- concordance(Surv(dfs_days, dfs_event) ~ lp, test, reverse = TRUE); slope <- coxph(Surv(dfs_days, dfs_event) ~ lp, test, control = coxph.control(eps = 1e-11, toler.chol = 1e-12))
bh <- basehaz(fit, centered = FALSE); H <- max(bh$hazard[bh$time <= 1826]); km <- summary(survfit(Surv(dfs_days, dfs_event) ~ 1, test), times = 1826)$surv
write_case("cox_external_colon", "cox_external_validation", version("survival"), "coxph on the first table; x'beta on the second; concordance(reverse = TRUE); coxph(y ~ lp)",
           list(csv = "cohorts/colon_obs_lev5fu.csv", csv_validation = "cohorts/colon_complete.csv", formula = "Surv(dfs_days, dfs_event) ~ age + sex + nodes + differ + extent"),
           list(time = 1826), list(coefficients = as.list(coef(fit)), linear_predictor_mean = mean(lp), linear_predictor_first_five = lp[1:5],
           concordance = cc$concordance[[1]], concordance_standard_error = sqrt(cc$var), calibration_slope = coef(slope)[[1]],
           calibration_slope_standard_error = sqrt(slope$var[1]), mean_predicted_survival = mean(exp(-H * exp(lp))), observed_survival = km),
           list(relative = 1e-6), "The second table holds the patients of the first and those of a third arm: the figures check the arithmetic, not the model.")

# ComBat: 12 of the correlated features in three made-up batches of real shifts
set.seed(1); m <- mrmr[1:48, f[1:12]]; batch <- rep(c("A", "B", "C"), 16); cov <- mrmr$y[1:48]
for (j in 1:12) m[[j]] <- round(m[[j]] * c(A = 1, B = 1.6, C = 0.7)[batch] + c(A = 0, B = 0.8, C = -0.5)[batch] + 0.1 * j, 6)
table <- data.frame(patient = 1:48, batch = batch, covariate = cov, m); write.csv(table, "cohorts/combat_small.csv", row.names = FALSE, quote = FALSE)
for (one in list(list("combat_small", NULL), list("combat_small_reference", "B"))) {
  h <- t(suppressMessages(ComBat(t(as.matrix(m)), batch = batch, mod = model.matrix(~ cov), par.prior = TRUE, ref.batch = one[[2]])))
  expected <- c(list(patient = 1:48), lapply(seq_len(12), function(j) unname(h[, j]))); names(expected) <- c("patient", f[1:12])
  write_case(one[[1]], "combat", version("sva"), "ComBat(mod = ~ covariate, par.prior = TRUE)",
             list(csv = "cohorts/combat_small.csv", batch = "batch", features = paste0(f[1], "..", f[12]), covariates = list("covariate")),
             if (is.null(one[[2]])) none else list(reference_batch = one[[2]]), list(csv = expected), list(absolute = 1e-4), "sva stops at a relative change of 1e-4.")
}
fit_on <- which(1:48 %% 3 != 0 | 1:48 %% 2 == 0); fit_on <- setdiff(1:48, c(5, 6, 7, 20, 21, 22, 40, 41, 42))
# Fitted on some patients, applied to all: the definition of Johnson, Li & Rabinovic in R, iterated to 1e-12
X <- as.matrix(m); tr <- fit_on; B <- model.matrix(~ 0 + batch); D <- B[tr, ]; beta <- solve(t(D) %*% D, t(D) %*% X[tr, ])
grand <- colSums(beta * colMeans(D)); pooled <- colMeans((X[tr, ] - D %*% beta)^2); S <- sweep(sweep(X, 2, grand), 2, sqrt(pooled), "/")
out <- S; for (b in c("A", "B", "C")) { z <- S[intersect(tr, which(batch == b)), ]; g <- colMeans(z); dl <- apply(z, 2, var); n <- nrow(z)
  gb <- mean(g); t2 <- var(g); a <- (2 * var(dl) + mean(dl)^2) / var(dl); bb <- (mean(dl) * var(dl) + mean(dl)^3) / var(dl); g1 <- g; d1 <- dl
  repeat { g2 <- (n * t2 * g + d1 * gb) / (n * t2 + d1); d2 <- (bb + 0.5 * colSums(sweep(z, 2, g2)^2)) / (n / 2 + a - 1)
    change <- max(abs(g2 - g1) / abs(g1), abs(d2 - d1) / d1); g1 <- g2; d1 <- d2; if (change < 1e-12) break }
  w <- which(batch == b); out[w, ] <- sweep(sweep(S[w, ], 2, g1), 2, sqrt(d1), "/") }
out <- sweep(sweep(out, 2, sqrt(pooled), "*"), 2, grand, "+")
expected <- c(list(patient = 1:48), lapply(seq_len(12), function(j) unname(out[, j]))); names(expected) <- c("patient", f[1:12])
write_case("combat_small_fit", "combat_fit_and_apply", version("base", "stats"), "the formulas of Johnson, Li & Rabinovic 2007, iterated to 1e-12",
           list(csv = "cohorts/combat_small.csv", batch = "batch", features = paste0(f[1], "..", f[12]), covariates = list()), list(fit_on_patients = fit_on),
           list(csv = expected), list(absolute = 1e-4), "Grand mean, pooled variance, location and scale of the batches from the fitted patients alone.")

# Permutation importance of a forest
d <- read("forest_87x20.csv"); d$y <- factor(d$y)
imp <- sapply(1:60, function(seed) importance(ranger(y ~ ., d, probability = TRUE, num.trees = 300, mtry = 4, min.node.size = 1, min.bucket = 1, max.depth = 0,
              importance = "permutation", seed = seed, num.threads = 1)))
saveRDS(imp, file.path(tempdir(), "imp.rds")); write(toJSON(list(mean = unname(rowMeans(imp)), sd = unname(apply(imp, 1, sd))), digits = I(17)), "permutation.tmp")
