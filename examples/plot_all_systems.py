"""
======================
All systems, one table
======================

Thirteen systems of zero-shot learning are classifiers of one kind here: those that score a class
by its embedding, those that learn a latent space, and those that generate features. On the same
rows, folds and descriptions, which family does best, and how much of that is only the balance of
seen and unseen classes?
"""

# %%
# The accented letters that are vowels; with all letters this would take a quarter of an hour. A
# letter is described by its basic letter and its marks.

import numpy as np

from skcada.datasets import load_accented_letters

letters = load_accented_letters()
is_vowel = letters.class_embeddings[list("AEIOUaeiou")].any(axis=1)
embeddings = letters.class_embeddings[is_vowel]


def rows_of(*parts):
    """Return features and labels of the vowels in parts of the data."""
    rows = np.concatenate([letters[part] for part in parts])
    rows = rows[np.isin(letters.target[rows], embeddings.index)]
    return letters.data[rows], letters.target[rows]


X, y = rows_of("trainval")
X_test, y_test = rows_of("test_seen", "test_unseen")

# %%
# Each has its default settings, but for a number of epochs where one would be chosen on held-out
# letters, and smaller networks and samples for the sake of time. Models with a latent space and
# generators are the ``transformer`` of a ``GZSLClassifier``.

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.alignment import ReViSETransformer
from skcada.compatibility import (
    ALEClassifier,
    CMTClassifier,
    DeViSEClassifier,
    ESZSLClassifier,
    LatEmClassifier,
    SAEClassifier,
    SJEClassifier,
    SynCClassifier,
)
from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV

cv = GZSLShuffleSplit(n_splits=1, random_state=0)
few = {"samples_per_class": (50, 100)}
systems = {
    "scores": {
        "ESZSL": ESZSLClassifier(cv=cv),
        "SAE": SAEClassifier(cv=cv),
        "SynC": SynCClassifier(cv=cv),
        "SJE": SJEClassifier(max_iter=50),
        "ALE": ALEClassifier(max_iter=50),
        "DeViSE": DeViSEClassifier(max_iter=50),
        "LatEm": LatEmClassifier(max_iter=50),
        "CMT": CMTClassifier(max_iter=50),
    },
    "learned space": {
        "CADA-VAE": GZSLClassifier(CADAVAETransformer(), **few),
        "ReViSE": GZSLClassifier(ReViSETransformer(), classifier="similarity"),
    },
    "generated features": {
        "CVAE": GZSLClassifier(CVAETransformer(), **few),
        "SE": GZSLClassifier(SEZSLTransformer(), **few),
        "f-CLSWGAN": GZSLClassifier(
            CLSWGANTransformer(generator_layers=512, critic_size=512), **few
        ),
    },
}

# %%
# ``TunedSeenPenaltyClassifierCV`` finds a penalty on seen letters by the same held-out letters for
# each. The fit that it leaves behind is scored on test rows with that penalty and without it.

import pandas as pd

from skcada.metrics import gzsl_scorer

records = {}
for family, members in systems.items():
    for name, system in members.items():
        system.set_params(class_embeddings=embeddings, random_state=0)
        model = TunedSeenPenaltyClassifierCV(system, cv=cv).fit(X, y).estimator_
        tuned = gzsl_scorer(model, X_test, y_test)
        untuned = gzsl_scorer(model.set_params(seen_penalty=0.0), X_test, y_test)
        records[name] = {
            "family": family,
            "AUSUC": tuned["AUSUC"],
            "T1": tuned["T1"],
            "H": untuned["H"],
            **{f"{key} tuned": tuned[key] for key in "SUH"},
        }
table = pd.DataFrame.from_dict(records, orient="index").sort_values("AUSUC", ascending=False)
print(table.round(2).to_string())

# %%
# One line per system, in the order of the AUSUC, which no balance changes. The order is one of
# these letters, on one choice of folds, and no ranking for your data: ``benchmarks/paper.py`` makes
# the same comparison on any folder, with more seeds.

import matplotlib.pyplot as plt

colors = {"scores": "#0072B2", "learned space": "#D55E00", "generated features": "#009E73"}
fig, ax = plt.subplots(figsize=(8, 5.2), layout="constrained")
places = np.arange(len(table))[::-1]
ax.hlines(places, table["H"], table["H tuned"], color="0.7", lw=2)
for family, color in colors.items():
    own = np.asarray(table["family"] == family)
    ax.plot(table["H"][own], places[own], "o", color=color, mfc="white", mew=2, ms=8)
    ax.plot(table["H tuned"][own], places[own], "D", color=color, ms=8, label=family)
ax.set_yticks(places, table.index)
ax.set(
    xlim=(0, 1),
    xlabel="H on test rows: ring without a penalty, diamond with the tuned one",
    ylabel="system, by AUSUC",
    title="Thirteen systems on the vowels",
)
ax.grid(axis="x", alpha=0.3)
ax.legend(title="family", loc="lower left")
plt.show()
