"""
================================
Choose a description of classes
================================

Attributes or words, or both? A look at the descriptions does not tell which is best.
``class_embeddings`` is a parameter, so it can be searched like any other, on folds that hold out
classes.
"""

# %%
# The letters of :func:`~skcada.datasets.load_accented_letters`, without any row of the hundred
# unseen ones. The first description is that of the data set: the basic letter and the marks.

import numpy as np
import pandas as pd

from skcada.datasets import load_accented_letters

letters = load_accented_letters()
X, y = letters.data[letters.trainval], letters.target[letters.trainval]
parts = letters.class_embeddings

# %%
# The second is the name of the letter in Unicode, represented by its words. The third is both at
# once. The fourth, random bits, is a check: they tell the model nothing about classes without
# examples.

import unicodedata

from sklearn.feature_extraction.text import CountVectorizer

names = [unicodedata.name(letter) for letter in parts.index]
vectorizer = CountVectorizer(binary=True, token_pattern=r"\w+")
words = pd.DataFrame(
    vectorizer.fit_transform(names).toarray(),
    index=parts.index,
    columns=vectorizer.get_feature_names_out(),
)
bits = pd.DataFrame(np.random.default_rng(0).integers(0, 2, size=parts.shape), index=parts.index)
descriptions = {
    "parts": parts,
    "words": words,
    "parts and words": {"parts": parts, "words": words},
    "random bits": bits,
}
print("the words of the first name:", names[0])
print("columns:", {"parts": parts.shape[1], "words": words.shape[1], "bits": bits.shape[1]})

# %%
# The candidates are compared by AUSUC, the area under the seen-unseen curve, because it does not
# depend on the balance between seen and unseen classes, which another description may shift.
# ``ESZSLClassifier`` is fitted in a second. The search is the same for ``GZSLClassifier``.

from sklearn.model_selection import GridSearchCV

from skcada.compatibility import ESZSLClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit

search = GridSearchCV(
    ESZSLClassifier(random_state=0),
    {"class_embeddings": list(descriptions.values())},
    cv=GZSLShuffleSplit(n_splits=4, random_state=0),
    scoring=gzsl_scorer,
    refit="AUSUC",
)
search.fit(X, y)
results = pd.DataFrame(search.cv_results_, index=list(descriptions))
scores = ["S", "U", "H", "T1", "AUSUC"]
means = results[[f"mean_test_{name}" for name in scores]].set_axis(scores, axis=1)
print(means.round(2))
print("chosen:", list(descriptions)[search.best_index_])

# %%
# The words are ahead of the parts, although both say nearly the same. Four folds cannot settle
# whether to add the parts to the words. Random bits find no letter without examples, and even
# confuse the seen ones.
#
# The winner, fitted on all training rows, on the test part that the search has not used:

test = np.concatenate([letters.test_seen, letters.test_unseen])
test_scores = gzsl_scorer(search, letters.data[test], letters.target[test])
print({name: round(score, 2) for name, score in test_scores.items()})

# %%
# Each thin line joins the scores on one fold. Random bits are at zero. The words beat the parts on
# every fold; words with and without parts differ less than the folds do.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(layout="constrained")
position = np.arange(len(descriptions))
folds = results[[f"split{i}_test_AUSUC" for i in range(4)]].to_numpy()
ax.plot(position, folds, "o-", color="#56B4E9", lw=0.8, mec="white")
ax.plot([], [], "o-", color="#56B4E9", lw=0.8, mec="white", label="one fold")
ax.plot(position, means["AUSUC"], "D", color="black", ms=7, label="mean of the folds", alpha=0.8)
ax.set(
    xlabel="class embeddings",
    ylabel="AUSUC on held-out classes",
    xticks=position,
    xticklabels=list(descriptions),
    xlim=(-0.4, 3.4),
    ylim=(0, 1),
    title="Descriptions of letters, compared on four folds",
)
ax.grid(axis="y", alpha=0.3)
ax.legend(loc="lower left")
plt.show()
