"""
=================================
Describe only some of the classes
=================================

Good descriptions are expensive: experts list the attributes of a class, while a sentence about it
is found anywhere. So attributes may be at hand for some classes only. A class that lacks one kind
of description is left out of its table, and described by the other kind. This example shows how
much attributes of a share of the classes help, and why gaps should not be filled with means.
"""

# %%
# A generated problem with forty seen and twenty unseen classes. ``attributes`` are exact. ``words``
# exist for every class and say the same with errors, in other units.

import numpy as np
import pandas as pd

from skcada.datasets import make_gzsl_classification

problem = make_gzsl_classification(
    1500, 32, n_seen_classes=40, n_unseen_classes=20, n_attributes=10, class_sep=1.5, random_state=0
)
attributes = problem.class_embeddings
rng = np.random.default_rng(0)
erroneous = attributes + 0.2 * rng.normal(size=attributes.shape)
words = erroneous @ rng.normal(size=(10, 20))
X, y = problem.data, problem.target

# %%
# The networks are smaller than the default ones, and trained for fewer epochs at a higher rate, so
# that this page builds quickly. The score is AUSUC, which does not depend on the balance between
# seen and unseen classes. U is computed separately for the unseen classes that have attributes and
# for those that have words only.

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.metrics import gzsl_scorer, per_class_accuracy_score

test = np.concatenate([problem.test_seen, problem.test_unseen])


def evaluate(class_embeddings, covered):
    """Train on a description, and score it."""
    transformer = CADAVAETransformer(
        32,
        feature_encoder_layers=64,
        feature_decoder_layers=64,
        embedding_encoder_layers=64,
        embedding_decoder_layers=64,
        max_iter=25,
        batch_size=64,
        learning_rate=3e-3,
    )
    model = GZSLClassifier(transformer, class_embeddings=class_embeddings, random_state=0)
    model.fit(X[problem.trainval], y[problem.trainval])
    scores = {"AUSUC": gzsl_scorer(model, X[test], y[test])["AUSUC"]}
    is_covered = np.isin(y[problem.test_unseen], covered)
    for name, chosen in {"attributes and words": is_covered, "words only": ~is_covered}.items():
        rows = problem.test_unseen[chosen]
        if len(rows):
            scores[f"U, {name}"] = per_class_accuracy_score(y[rows], model.predict(X[rows]))
    return scores


# %%
# The classes that have attributes are drawn at random, the same share of the seen and of the unseen
# ones. One table leaves out the other classes; another, for comparison, gives them the mean of the
# known rows.

rng = np.random.default_rng(0)
seen = rng.permutation(np.setdiff1d(y, problem.unseen_classes))
unseen = rng.permutation(problem.unseen_classes)
records = []
for share in (0.25, 0.5, 0.75):
    covered = np.concatenate([seen[: int(share * len(seen))], unseen[: int(share * len(unseen))]])
    known = attributes.loc[covered]
    tables = {
        "left out": known,
        "filled with means": known.reindex(attributes.index).fillna(known.mean()),
    }
    for gaps, table in tables.items():
        scores = evaluate({"attributes": table, "words": words}, covered)
        records.append({"gaps": gaps, "share": share, **scores})
for share, embeddings, covered in [
    (0.0, words, []),
    (1.0, {"attributes": attributes, "words": words}, attributes.index),
]:
    scores = evaluate(embeddings, covered)
    records += [{"gaps": gaps, "share": share, **scores} for gaps in tables]

results = pd.DataFrame(records).set_index(["gaps", "share"]).sort_index(level="share")
print(results.round(2).to_string(na_rep=""))

# %%
# AUSUC rises with the share of classes that have attributes. Unseen classes with attributes are
# recognised far better than with words only. Unseen classes without attributes lose some rows to
# those that have them, but keep more than half of the accuracy that words alone gave. If gaps are
# filled with means, the model as a whole is worse at every share, because to it a row of means is a
# description like any other. Attributes of a quarter or half of the classes are then worse than
# none.
#
# The upper plot shows both groups of unseen classes, the lower one the model as a whole.

import matplotlib.pyplot as plt

fig, (top, bottom) = plt.subplots(2, sharex=True, figsize=(6.4, 7), layout="constrained")
left_out, filled = results.loc["left out"], results.loc["filled with means"]
percent = 100 * left_out.index
blue, orange, purple = "#0072B2", "#D55E00", "#CC79A7"
for name, scores, color, style in [
    ("attributes and words", left_out["U, attributes and words"], blue, "o-"),
    ("words only", left_out["U, words only"], orange, "s-"),
    ("words, and means as attributes", filled["U, words only"], purple, "^--"),
]:
    top.plot(percent, scores, style, color=color, mfc="white", label=name)
for name, scores, color, style in [
    ("left out", left_out["AUSUC"], "black", "D-"),
    ("filled with means", filled["AUSUC"], purple, "^--"),
]:
    bottom.plot(percent, scores, style, color=color, mfc="white", label=name)
top.set(
    xlabel="classes with attributes (%)",
    ylabel="U, accuracy on unseen classes",
    ylim=(0, 1.4),
    yticks=np.linspace(0, 1, 6),
    title="Unseen classes with and without attributes",
)
bottom.set(
    xlabel="classes with attributes (%)",
    ylabel="AUSUC of the model",
    ylim=(0, 0.7),
    title="Gaps left out, or filled",
)
top.legend(loc="upper left", title="classes described by", alignment="left")
bottom.legend(loc="lower right", title="attributes of the others", alignment="left")
for ax in (top, bottom):
    ax.grid(alpha=0.3)
plt.show()
