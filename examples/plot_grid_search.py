"""
==========================================
Choose parameters without unseen test data
==========================================

The weights of the loss, the size of the latent space and the number of latents per class trade seen
against unseen accuracy. They can be searched with scikit-learn's ``GridSearchCV`` if the folds hold
out whole classes: an ordinary cross-validator shows every class in training, so that no accuracy on
unseen classes can be measured.
"""

# %%
# Thirty seen and five unseen classes, each described by eight attributes. ``GZSLShuffleSplit``
# holds out a fifth of the seen classes and, of each other class, a fifth of the rows. The held-out
# classes have an embedding but no row in training: they are unseen in that fold. No row of the five
# classes that are unseen for good is used.

import numpy as np
import pandas as pd

from skcada.datasets import make_gzsl_classification
from skcada.model_selection import GZSLShuffleSplit

problem = make_gzsl_classification(
    1200, 32, n_seen_classes=30, n_attributes=8, class_sep=1.2, random_state=0
)
X, y = problem.data[problem.trainval], problem.target[problem.trainval]
cv = GZSLShuffleSplit(n_splits=2, random_state=0)
for train, test in cv.split(X, y):
    print("unseen in this fold:", np.setdiff1d(y[test], y[train]))

# %%
# The default weights, gamma 2.37 and delta 8.13, are those of the published experiments, on other
# data. Networks smaller than the default ones are enough here, trained for fewer epochs at a higher
# rate.

from skcada import CADAVAETransformer, GZSLClassifier

transformer = CADAVAETransformer(
    feature_encoder_layers=64,
    feature_decoder_layers=64,
    embedding_encoder_layers=64,
    embedding_decoder_layers=64,
    max_iter=25,
    batch_size=64,
    learning_rate=3e-3,
)
model = GZSLClassifier(transformer, class_embeddings=problem.class_embeddings, random_state=0)

# %%
# Four parameters with two values each make 16 candidates. The last parameter concerns the final
# classifier only, so 8 transformers per fold are enough, each for two candidates. With ``memory``,
# a folder, each is trained once.

from tempfile import TemporaryDirectory

from sklearn.model_selection import GridSearchCV

from skcada.metrics import gzsl_scorer

grid = {
    "transformer__gamma": [0.5, 2.37],
    "transformer__delta": [2.0, 8.13],
    "transformer__latent_size": [16, 32],
    "samples_per_class": [(200, 200), (200, 400)],
}
with TemporaryDirectory() as folder:
    model.set_params(memory=folder)
    search = GridSearchCV(model, grid, cv=cv, scoring=gzsl_scorer, refit="H", n_jobs=2)
    search.fit(X, y)
print("best:", {name.split("__")[-1]: value for name, value in search.best_params_.items()})

# %%
# ``gzsl_scorer`` records five scores per candidate. The table shows what each parameter changes.

results = pd.DataFrame(search.cv_results_).rename(
    columns=lambda name: name.removeprefix("param_").split("__")[-1]
)
means = {f"mean_test_{name}": name for name in ("S", "U", "H", "T1", "AUSUC")}
parameters = ["gamma", "delta", "latent_size", "samples_per_class"]
table = results.rename(columns=means)[[*parameters, *means.values()]]
print(table.sort_values("H", ascending=False).round(2).to_string(index=False))

# %%
# The winner was chosen without any row of the five unseen classes. These are its scores on the test
# part, which has them:

test = np.concatenate([problem.test_seen, problem.test_unseen])
scores = gzsl_scorer(search, problem.data[test], problem.target[test])
print({name: round(score, 2) for name, score in scores.items()})

# %%
# Every candidate is a trade-off between the two axes, and H, whose contour lines are grey, grows
# towards the upper right corner. Compare the colours: more latents of unseen classes move
# candidates to the right and down. Each has a partner in the other colour with the same
# transformer. AUSUC, in the table, does not depend on the balance and differs far less than H:
# mostly, the candidates differ in how far they lean.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6.4, 5.4), layout="constrained")
u, s = np.meshgrid(np.linspace(0.01, 1, 100), np.linspace(0.01, 1, 100))
contours = ax.contour(
    u,
    s,
    2 * u * s / (u + s),
    levels=np.arange(0.1, 1, 0.1),
    colors="0.8",
    linewidths=0.8,
)
ax.clabel(contours, fmt="H = %.1f", fontsize=8)
colors = {(200, 200): "#0072B2", (200, 400): "#D55E00"}
markers = {16: "o", 32: "s"}
for (samples, latent_size), group in table.groupby(["samples_per_class", "latent_size"]):
    ax.scatter(
        group["U"],
        group["S"],
        marker=markers[latent_size],
        s=50,
        color=colors[samples],
        edgecolors="white",
        zorder=2,
        label=f"{samples} latents of size {latent_size}",
    )
best = table.loc[table["H"].idxmax()]
ax.scatter(best["U"], best["S"], s=200, facecolors="none", edgecolors="black", label="chosen")
ax.set(
    xlabel="U, accuracy on held-out classes",
    ylabel="S, accuracy on the other classes",
    xlim=(0, 1),
    ylim=(0, 1),
    aspect="equal",
    title="Candidates of the search, means of two folds",
)
ax.legend(loc="lower left")
plt.show()
