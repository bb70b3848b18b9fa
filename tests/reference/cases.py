"""Makes the reference cases of the learners with scikit-learn. Run here, after cases.R (it leaves permutation.tmp)."""
import json, os
import numpy as np
import sklearn
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

here = os.path.dirname(os.path.abspath(__file__))
TOOL = "scikit-learn %s" % sklearn.__version__
TABLE = "cohorts/forest_87x20.csv"
a = np.genfromtxt(os.path.join(here, TABLE), delimiter=",", skip_header=1)
y, x = a[:, 0].astype(int), a[:, 1:]
z = (x - x.mean(0)) / x.std(0, ddof=1)
data = {"csv": TABLE, "outcome": "y"}


def write(name, method, call, args, expected, tolerance, note, tool=TOOL):
    case = {"id": name, "method": method, "tool": tool, "call": call, "data": data, "args": args, "expected": expected,
            "tolerance": tolerance, "note": note}
    with open(os.path.join(here, name + ".json"), "w") as file:
        json.dump(case, file)
        file.write("\n")


def scores(name, method, call, learner, values, tolerance, note):
    write(name, method, call, {"learner": learner}, {"score": [float(v) for v in values]}, tolerance, note)


standard = "Features are standardised with n - 1 first."
for name, kernel, keywords in (("svm_linear", "linear", {}), ("svm_radial", {"radial": {"gamma": 0.05}}, {"gamma": 0.05})):
    fit = SVC(C=0.5, kernel="linear" if kernel == "linear" else "rbf", tol=1e-10, **keywords).fit(z, y)
    scores(name, "support_vector_machine", "SVC(C=0.5, tol=1e-10).decision_function",
           {"support_vector_machine": {"kernel": kernel, "cost": 0.5}}, fit.decision_function(z), {"absolute": 1e-5},
           standard + " libsvm holds the kernel as 32-bit numbers: the linear decision values are 2e-6 off those that solve the conditions of optimality.")
for name, trees, depth, rate, leaf in (("boosting_depth3", 50, 3, 0.1, 1), ("boosting_stumps", 100, 1, 0.2, 5)):
    fit = GradientBoostingClassifier(n_estimators=trees, max_depth=depth, learning_rate=rate, min_samples_leaf=leaf, random_state=0).fit(x, y)
    scores(name, "gradient_boosting", "GradientBoostingClassifier(random_state=0).predict_proba",
           {"gradient_boosting": {"trees": trees, "max_depth": depth, "learning_rate": rate, "min_leaf": leaf}},
           fit.predict_proba(x)[:, 1], {"absolute": 1e-6}, "scikit-learn holds features as 32-bit numbers.")
for k in (1, 5, 12):
    fit = KNeighborsClassifier(k).fit(z, y)
    scores("neighbors_%d" % k, "nearest_neighbors", "KNeighborsClassifier(%d).predict_proba" % k, {"nearest_neighbors": {"neighbors": k}},
           fit.predict_proba(z)[:, 1], {"absolute": 1e-12}, standard + " No two distances are equal.")
fit = GaussianNB().fit(x, y)
scores("naive_bayes_87x20", "naive_bayes", "GaussianNB().predict_proba", "naive_bayes", fit.predict_proba(x)[:, 1], {"absolute": 1e-10}, "Variances with 1/n.")
# glmnet's lambda on features scaled by the 1/n deviation is C = 1 / (n lambda) on such features.
scaled = x / x.std(0)
for name, alpha, lam in (("penalized_learner_lasso", 1.0, 0.05), ("penalized_learner_net", 0.5, 0.1), ("penalized_learner_ridge", 0.0, 0.2)):
    fit = LogisticRegression(penalty="elasticnet", l1_ratio=alpha, C=1 / (len(y) * lam), solver="saga", tol=1e-12, max_iter=1000000).fit(scaled - scaled.mean(0), y)
    scores(name, "penalized_logistic_learner", "LogisticRegression(penalty='elasticnet', C=1/(n lambda), solver='saga', tol=1e-12).predict_proba",
           {"penalized_logistic": {"alpha": alpha, "lambda": lam}}, fit.predict_proba(scaled - scaled.mean(0))[:, 1], {"absolute": 1e-6},
           "The penalty of glmnet: -loglik/n + lambda ((1-alpha)/2 |b|^2 + alpha |b|_1) on features with 1/n deviation 1.")

# Importance over seeds.
importances = []
for seed in range(60):
    forest = RandomForestClassifier(300, max_features=4, random_state=seed).fit(x, y)
    importances.append(np.mean([t.tree_.compute_feature_importances(normalize=False) for t in forest.estimators_], axis=0))
importances = np.array(importances)
permutation = json.load(open(os.path.join(here, "permutation.tmp")))
write("forest_importance_87x20", "random_forest_importance",
      "RandomForestClassifier(300, max_features=4), mean of compute_feature_importances(normalize=False); ranger(probability, importance='permutation', num.trees=300, mtry=4, min.node.size=1)",
      {"learner": {"random_forest": {"trees": 300, "max_depth": None, "features_per_split": 4, "min_leaf": 1}}},
      {"impurity": [{"importance_mean": float(m), "importance_sd": float(s)} for m, s in zip(importances.mean(0), importances.std(0, ddof=1))],
       "permutation": [{"importance_mean": m, "importance_sd": s} for m, s in zip(permutation["mean"], permutation["sd"])]},
      {"standard_deviations": 4}, "Over 60 seeds each.", TOOL + "; R 4.2.2, ranger 0.14.1")

# Cross-validation over seeds. The z of a fold comes from its training patients, as ours does.
scaler = lambda: StandardScaler()
def auc_over_seeds(make, folds, seeds=60):
    found = []
    for seed in range(seeds):
        split = StratifiedKFold(folds, shuffle=True, random_state=seed)
        found.append(cross_val_score(make(), x, y, cv=split, scoring="roc_auc").mean())
    return {"auc_mean": float(np.mean(found)), "auc_sd": float(np.std(found, ddof=1))}

points = []
for k in (15, 5, 1):
    points.append({"settings": {"nearest_neighbors": {"neighbors": k}}, **auc_over_seeds(lambda: make_pipeline(scaler(), KNeighborsClassifier(k)), 5)})
write("grid_search_neighbors", "learner_grid_search", "cross_val_score(make_pipeline(StandardScaler(), KNeighborsClassifier(k)), StratifiedKFold(5, shuffle=True))",
      {"grid": {"nearest_neighbors": {"neighbors": [1, 5, 15]}}, "folds": 5}, {"points": points}, {"standard_deviations": 4}, "Over 60 seeds; simplest first: many neighbours.")
points = []
for depth in (1, 3):
    points.append({"settings": {"gradient_boosting": {"trees": 30, "max_depth": depth, "learning_rate": 0.1, "min_leaf": 1}},
                   **auc_over_seeds(lambda: GradientBoostingClassifier(n_estimators=30, max_depth=depth, random_state=0), 5, 20)})
write("grid_search_boosting", "learner_grid_search", "cross_val_score(GradientBoostingClassifier(n_estimators=30, max_depth), StratifiedKFold(5, shuffle=True))",
      {"grid": {"gradient_boosting": {"trees": [30], "max_depth": [3, 1], "learning_rate": [0.1], "min_leaf": [1]}}, "folds": 5}, {"points": points},
      {"standard_deviations": 4}, "Over 20 seeds.")
found = []
for seed in range(40):
    search = GridSearchCV(make_pipeline(scaler(), KNeighborsClassifier()), {"kneighborsclassifier__n_neighbors": [15, 5, 1]}, scoring="roc_auc",
                          cv=StratifiedKFold(3, shuffle=True, random_state=1000 + seed))
    found.append(cross_val_score(search, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=seed), scoring="roc_auc").mean())
write("nested_neighbors", "nested_cross_validation", "cross_val_score(GridSearchCV(make_pipeline(StandardScaler(), KNeighborsClassifier()), cv=3), StratifiedKFold(5))",
      {"grid": {"nearest_neighbors": {"neighbors": [1, 5, 15]}}, "outer_folds": 5, "inner_folds": 3},
      {"auc_mean": float(np.mean(found)), "auc_sd": float(np.std(found, ddof=1))}, {"standard_deviations": 4}, "Over 40 seeds.")
os.remove(os.path.join(here, "permutation.tmp"))
