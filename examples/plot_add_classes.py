"""
=============================================
Add classes at run time, without new training
=============================================

A new product, a new species, a new fault: classes become known after a model has been trained. A
class needs no examples and no new autoencoders. Its description goes through the encoder that is
there, and only the final classifier is trained again.
"""

# %%
# Twenty seen classes have training rows. Ten more have a description each and no example. At
# first nobody knows of them, so the table of class embeddings has twenty rows.

import numpy as np

from skcada.datasets import make_gzsl_classification

problem = make_gzsl_classification(3000, n_unseen_classes=10, n_attributes=8, random_state=0)
X, y = problem.data[problem.trainval], problem.target[problem.trainval]
old_classes = problem.class_embeddings.drop(index=problem.unseen_classes)
print(f"{len(X)} training rows of {len(old_classes)} classes")

# %%
# The full fit: the autoencoders, which take nearly all of the time, and the final classifier.

from time import perf_counter

from skcada import CADAVAETransformer, GZSLClassifier

start = perf_counter()
model = GZSLClassifier(
    CADAVAETransformer(delta=1.0), class_embeddings=old_classes, random_state=0
).fit(X, y)
seconds = perf_counter() - start
print(f"full fit: about {seconds:.0f} s")

# %%
# New classes are rows in the table of class embeddings, with the same columns.
# ``FrozenEstimator`` keeps the transformer from being trained again. Latents of the old classes
# are drawn anew, for which ``fit`` needs training rows: at most ``samples_per_class[0]``, 200, of
# each class, so that a sample of them may be kept in place of all.

from sklearn.frozen import FrozenEstimator


def add(new_classes):
    """Return a classifier that knows new classes too, from the transformer that is there."""
    return GZSLClassifier(
        FrozenEstimator(model.transformer_),
        class_embeddings=problem.class_embeddings.loc[[*old_classes.index, *new_classes]],
        random_state=0,
    ).fit(X, y)


start = perf_counter()
wider = add(problem.unseen_classes)
share = (perf_counter() - start) / seconds
print(f"{len(model.classes_)} classes before, {len(wider.classes_)} after")
print("less than a tenth of the time of the full fit:", share < 0.1)

# %%
# For a row of a new class, the old model can only predict one of its twenty classes. The wider
# model knows more classes, so each is harder to tell from the others. How much does that cost?
# The ten classes are added two at a time, in the order of their labels.

import pandas as pd

from skcada.metrics import per_class_accuracy_score

old = problem.test_seen
X_old, y_old = problem.data[old], problem.target[old]
X_new, y_new = problem.data[problem.test_unseen], problem.target[problem.test_unseen]

rows = [(0, per_class_accuracy_score(y_old, model.predict(X_old)), np.nan)]
for n_added in (2, 4, 6, 8, 10):
    added = problem.unseen_classes[:n_added]
    wider = add(added)
    is_added = np.isin(y_new, added)
    rows.append(
        (
            n_added,
            per_class_accuracy_score(y_old, wider.predict(X_old)),
            per_class_accuracy_score(y_new[is_added], wider.predict(X_new[is_added])),
        )
    )
table = pd.DataFrame(rows, columns=["added", "old classes", "added classes"]).set_index("added")
print(table.round(2))

# %%
# The added classes are found far more often than by chance, although the autoencoders were
# trained before anyone knew of them. The old classes lose little. The more classes are added, the
# more of them resemble each other, and the fewer of their rows are found.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(8, 4.8), layout="constrained")
table["old classes"].plot(ax=ax, style="o-", color="#0072B2", label="old classes")
table["added classes"].plot(ax=ax, style="D--", color="#D55E00", label="added classes, no example")
ax.plot(table.index, 1 / (len(old_classes) + table.index), ":", color="0.3", label="chance")
ax.set(
    xlabel="number of classes added after training",
    ylabel="per-class accuracy on test rows",
    ylim=(0, 1),
    title="Classes added to a trained model",
)
ax.legend(loc="upper right", ncols=3)
plt.show()
