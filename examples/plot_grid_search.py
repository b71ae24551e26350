"""
==========================================
Choose parameters without unseen test data
==========================================

The weights of the loss, the size of the latent space and the number of latents a class trade seen
against unseen accuracy. They can be searched with scikit-learn's ``GridSearchCV``, if the folds
hold out whole classes: an ordinary cross-validator shows every class in training, so that no
accuracy on unseen classes could be measured.
"""

# %%
# Twenty seen and five unseen classes, each described by eight attributes. ``GZSLShuffleSplit``
# holds out a quarter of the seen classes and, of each other class, a fifth of the rows. The
# held-out classes have an embedding but no row in training: they are unseen in that fold. No row
# of the five classes that are unseen for good is used.

import numpy as np
import pandas as pd

from skcada.datasets import make_gzsl_classification
from skcada.model_selection import GZSLShuffleSplit

problem = make_gzsl_classification(n_samples=1500, n_attributes=8, random_state=0)
X, y = problem.data[problem.trainval], problem.target[problem.trainval]
cv = GZSLShuffleSplit(n_splits=2, unseen_size=0.25, random_state=0)
for train, test in cv.split(X, y):
    print("unseen in this fold:", np.setdiff1d(y[test], y[train]))

# %%
# The default weights are those of the published experiments, on other data. A smaller ``delta``
# lets the latents of features keep more of what tells classes apart. Smaller networks than the
# default ones are enough here and train faster.

from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.metrics import gzsl_scorer

transformer = CADAVAETransformer(
    feature_encoder_layers=(256,),
    feature_decoder_layers=(256,),
    embedding_encoder_layers=(256,),
    embedding_decoder_layers=(256,),
)
classifier = GZSLClassifier(transformer, class_embeddings=problem.class_embeddings, random_state=0)
model = Pipeline([("scale", MinMaxScaler()), ("gzsl", classifier)])
grid = {
    "gzsl__transformer__gamma": [0.5, 2.37],
    "gzsl__transformer__delta": [1.0, 8.13],
    "gzsl__transformer__latent_size": [16, 64],
    "gzsl__samples_per_class": [(200, 200), (200, 400)],
}
search = GridSearchCV(model, grid, cv=cv, scoring=gzsl_scorer, refit="H", n_jobs=2)
search.fit(X, y)
print("best:", {name.split("__")[-1]: value for name, value in search.best_params_.items()})

# %%
# ``gzsl_scorer`` records five scores for each candidate. The table shows what each parameter moves.

results = pd.DataFrame(search.cv_results_).rename(columns=lambda name: name.split("__")[-1])
means = {f"mean_test_{name}": name for name in ("S", "U", "H", "T1", "AUSUC")}
parameters = ["gamma", "delta", "latent_size", "samples_per_class"]
table = results.rename(columns=means)[[*parameters, *means.values()]]
print(table.sort_values("H", ascending=False).round(3).to_string(index=False))

# %%
# The winner was chosen by classes that are seen in training. On the test part, with five classes
# of which no fold has used a row:

test = np.concatenate([problem.test_seen, problem.test_unseen])
scores = gzsl_scorer(search, problem.data[test], problem.target[test])
print({name: round(score, 3) for name, score in scores.items()})

# %%
# Every candidate is a trade-off between the two axes, and H grows towards the upper right corner.

import matplotlib.pyplot as plt

fig, ax = plt.subplots()
groups = table.groupby(["delta", "samples_per_class"])
for ((delta, samples), group), marker in zip(groups, "oD^v", strict=True):
    ax.scatter(
        group["U"],
        group["S"],
        marker=marker,
        s=60,
        label=f"delta={delta}, {samples} latents a class",
    )
best = table.loc[table["H"].idxmax()]
ax.annotate(
    f"best, H = {best['H']:.2f}",
    (best["U"], best["S"]),
    (-8, 8),
    textcoords="offset points",
    ha="right",
)
ax.set(
    xlabel="U, accuracy on held-out classes",
    ylabel="S, accuracy on the other classes",
    xlim=(-0.02, 1),
    ylim=(-0.02, 1),
    title="Candidates of the search, mean of two folds",
)
ax.legend(loc="upper right")
plt.show()
