"""
================================
Choose a description of classes
================================

Attributes or sentences, or both? Neither a look at the descriptions nor the accuracy on seen
classes tells which is best. ``class_embeddings`` is a parameter, so it can be searched like any
other, on folds that hold out classes.
"""

# %%
# The digits of :func:`~skcada.datasets.load_segment_digits`, without any row of the unseen 1 and 6.
# The first description is that of the data set: the segments that a pocket calculator lights.

import numpy as np
import pandas as pd

from skcada.datasets import load_segment_digits

digits = load_segment_digits()
X, y = digits.data[digits.trainval], digits.target[digits.trainval]
segments = digits.class_embeddings

# %%
# The second is one sentence per digit on how it is written, represented by the words that occur in
# it. The third is both at once. The fourth, random bits, is a check: a description that is no
# better tells the model nothing about classes without examples.

from sklearn.feature_extraction.text import CountVectorizer

sentences = [
    "A tall closed loop.",
    "A straight stroke from top to bottom.",
    "A curve at the top, a slanted stroke and a straight stroke at the bottom.",
    "Two curves, one at the top and one at the bottom, open to the left.",
    "A slanted stroke, a straight stroke across the middle and one from top to bottom.",
    "A straight stroke at the top and a curve at the bottom, open to the left.",
    "A long curve from the top into a closed loop at the bottom.",
    "A straight stroke at the top and a slanted stroke from top to bottom.",
    "Two closed loops, one at the top and one at the bottom.",
    "A closed loop at the top and a long curve to the bottom.",
]
vectorizer = CountVectorizer(binary=True)
words = pd.DataFrame(
    vectorizer.fit_transform(sentences).toarray(), columns=vectorizer.get_feature_names_out()
)
bits = pd.DataFrame(np.random.default_rng(0).integers(0, 2, size=segments.shape))
descriptions = {
    "segments": segments,
    "words": words,
    "segments and words": {"segments": segments, "words": words},
    "random bits": bits,
}
print("columns:", {"segments": segments.shape[1], "words": words.shape[1], "bits": bits.shape[1]})

# %%
# The search has four folds, because with only eight seen digits it matters a lot which two are held
# out. The candidates are compared by AUSUC, the area under the seen-unseen curve, because it does
# not depend on the balance between seen and unseen classes, which another description may shift.
# Small networks keep this page quick.

from sklearn.model_selection import GridSearchCV

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit

transformer = CADAVAETransformer(
    latent_size=16,
    feature_encoder_layers=64,
    feature_decoder_layers=64,
    embedding_encoder_layers=64,
    embedding_decoder_layers=64,
    max_iter=20,
    batch_size=64,
    learning_rate=3e-3,
)
search = GridSearchCV(
    GZSLClassifier(transformer, random_state=0),
    {"class_embeddings": list(descriptions.values())},
    cv=GZSLShuffleSplit(n_splits=4, unseen_size=2, random_state=0),
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
# S says nothing about the descriptions: seen digits are recognised whatever they are described by,
# random bits included. AUSUC does: the segments, alone or with the words, are well ahead. The words
# alone are hardly better than random bits. Most of them occur in several sentences, but many are
# words like "and", "at" and "the", which say nothing of the shape. Four folds cannot settle whether
# to add the words to the segments, so the simpler description is as good a choice.
#
# The winner, with networks of the default size, on the test part that the search has not used:

final = GZSLClassifier(class_embeddings=search.best_params_["class_embeddings"], random_state=0)
final.fit(X, y)
test = np.concatenate([digits.test_seen, digits.test_unseen])
test_scores = gzsl_scorer(final, digits.data[test], digits.target[test])
print({name: round(score, 2) for name, score in test_scores.items()})

# %%
# Each thin line joins the scores on one fold. The folds differ as much as the descriptions do: the
# winner on a single fold may differ from the winner by the mean.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(layout="constrained")
position = np.arange(len(descriptions))
folds = results[[f"split{i}_test_AUSUC" for i in range(4)]].to_numpy()
ax.plot(position, folds, "o-", color="#56B4E9", lw=0.8, mec="white")
ax.plot([], [], "o-", color="#56B4E9", lw=0.8, mec="white", label="one fold")
ax.plot(position, means["AUSUC"], "D", color="black", ms=9, label="mean of the folds")
ax.set(
    xlabel="class embeddings",
    ylabel="AUSUC on held-out classes",
    xticks=position,
    xticklabels=list(descriptions),
    xlim=(-0.4, 3.4),
    ylim=(0, 0.7),
    title="Descriptions of digits, compared on four folds",
)
ax.grid(axis="y", alpha=0.3)
ax.legend(loc="upper right")
plt.show()
