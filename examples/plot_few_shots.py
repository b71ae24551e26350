"""
===========================
Add a few labelled examples
===========================

A handful of labelled images of an unseen class is cheap, and it is worth a lot. They are added to
the training rows as *shots*. Here S, U and H are measured for up to ten shots per class, and
compared with a classifier that knows the shots but no description.
"""

# %%
# Digits, described by their seven-segment displays. No image of a 1 or a 6 is in ``trainval``. The
# classifier is told which classes are unseen, so that it can tell shots from rows of seen classes:
# shots do not train the autoencoders, but give half of the latents of their class.
#
# The transformer does not depend on the shots, so with ``memory`` all fits below share one.

import numpy as np
import pandas as pd

from skcada import GZSLClassifier
from skcada.datasets import load_segment_digits

digits = load_segment_digits()
X, y = digits.data, digits.target
model = GZSLClassifier(
    class_embeddings=digits.class_embeddings,
    unseen_classes=digits.unseen_classes,
    random_state=0,
)

# %%
# ``few_shot_split`` draws the shots. Draws of more shots contain those of fewer, and all are tested
# on the images that the largest draw leaves. Which images are drawn matters when they are few, so
# the draw is repeated with five seeds.
#
# Logistic regression on the pixels, with balanced class weights, is the comparison. Without a shot
# it cannot predict an unseen class at all.

from tempfile import TemporaryDirectory

from sklearn.linear_model import LogisticRegression

from skcada.metrics import gzsl_scorer, harmonic_mean_score
from skcada.model_selection import few_shot_split

N_SHOTS = [0, 1, 2, 5, 10]
unseen = {"unseen_classes": digits.unseen_classes}
records = []
with TemporaryDirectory() as folder:
    model.set_params(memory=folder)
    for seed in range(5):
        _, rest = few_shot_split(y, **unseen, n_shots=max(N_SHOTS), random_state=seed)
        test = np.concatenate([digits.test_seen, rest])
        for n_shots in N_SHOTS:
            shots, _ = few_shot_split(y, **unseen, n_shots=n_shots, random_state=seed)
            train = np.concatenate([digits.trainval, shots])
            model.fit(X[train], y[train])
            record = {"shots": n_shots, **gzsl_scorer(model, X[test], y[test])}
            ordinary = LogisticRegression(class_weight="balanced", max_iter=1000)
            ordinary.fit(X[train], y[train])
            record["H, no description"] = harmonic_mean_score(
                y[test], ordinary.predict(X[test]), seen_classes=model.seen_classes_
            )
            records.append(record)

# %%
# The means over the five draws:

results = pd.DataFrame(records)
means = results.groupby("shots").mean()
print(means[["S", "U", "H", "H, no description"]].round(2))

# %%
# The first shot raises U more than any later one, and S does not pay for it. One image and
# a description are far better than one image alone. With ten shots per class the ordinary
# classifier has caught up: with enough examples, the description is no longer needed.
#
# In the figure, lines are means and bands go from the lowest to the highest of the five draws. Look
# at the steep first step of U, and at the gap between H with and without a description, which
# shots close.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(layout="constrained")
position = np.arange(len(N_SHOTS))
spread = results.groupby("shots").agg(["min", "max"])
for name, color, style in [
    ("S", "#0072B2", "o-"),
    ("U", "#D55E00", "s-"),
    ("H", "black", "D-"),
    ("H, no description", "black", "D--"),
]:
    ax.plot(position, means[name], style, color=color, label=name, mfc="white")
    ax.fill_between(
        position, spread[name]["min"], spread[name]["max"], color=color, alpha=0.12, lw=0
    )
ax.set(
    xlabel="labelled images of each unseen digit (shots)",
    ylabel="per-class accuracy, or harmonic mean H",
    xticks=position,
    xticklabels=N_SHOTS,
    ylim=(0, 1),
    title="A few shots of the digits 1 and 6",
)
ax.grid(alpha=0.3)
ax.legend(loc="lower right")
plt.show()
