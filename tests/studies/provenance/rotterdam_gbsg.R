# Figures of rotterdam_gbsg.json: the model of rotterdam.study fitted by glm, judged on GBSG. Base R only.
# Rscript rotterdam_gbsg.R FOLDER_OF_COHORTS
folder <- commandArgs(trailingOnly = TRUE)[1]
days <- 3 * 365.25
read <- function(name) {
  d <- read.csv(file.path(folder, name))
  d <- d[d$rfs_event == 1 | d$rfs_days >= days, ]
  d$y <- as.numeric(d$rfs_event == 1 & d$rfs_days <= days)
  d$older <- as.numeric(d$age > 45)
  d$size <- factor(d$size, levels = c("to_20", "20_to_50", "over_50"))
  d
}
fit_on <- read("rotterdam.csv")
fit <- glm(y ~ older + meno + size + nodes + pgr + er + hormon, binomial, fit_on, epsilon = 1e-14, maxit = 100)
new <- read("gbsg.csv")
inside <- rep(TRUE, nrow(new))
for (name in c("age", "nodes", "pgr", "er")) {
  range <- range(fit_on[[name]])
  inside <- inside & new[[name]] >= range[1] & new[[name]] <= range[2]
}
judged <- new[inside, ]
lp <- predict(fit, judged)
p <- plogis(lp)
ranks <- rank(p)
n1 <- sum(judged$y); n0 <- sum(1 - judged$y)
slope <- glm(judged$y ~ lp, binomial, epsilon = 1e-14, maxit = 100)
intercept <- glm(judged$y ~ offset(lp), binomial, epsilon = 1e-14, maxit = 100)
show <- function(x) format(x, digits = 17)
cat(sprintf('{\n  "tool": "%s, stats::glm",\n  "call": "Rscript rotterdam_gbsg.R",\n', R.version.string))
cat('  "coefficients": [', paste(show(unname(coef(fit))), collapse = ", "), '],\n', sep = "")
cat('  "fitted_on": ', nrow(fit_on), ', "events": ', sum(fit_on$y), ',\n', sep = "")
cat('  "judged": ', nrow(judged), ', "judged_events": ', n1, ', "refused": ', sum(!inside), ',\n', sep = "")
cat('  "auc": ', show((sum(ranks[judged$y == 1]) - n1 * (n1 + 1) / 2) / (n1 * n0)), ',\n', sep = "")
cat('  "intercept": ', show(unname(coef(intercept)[1])), ', "slope": ', show(unname(coef(slope)[2])), ',\n', sep = "")
cat('  "brier": ', show(mean((p - judged$y)^2)), '\n}\n', sep = "")
