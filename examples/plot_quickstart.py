"""
===================================
Recognise letters never seen before
===================================

A generalized zero-shot classifier learns from examples of some classes, the *seen* ones, and from
a description of every class. It then tells all classes apart, also the *unseen* ones.

Here the classes are accented letters. A letter is described by its parts, such as "e" with an acute
accent, and no image of a hundred of the letters is shown in training.
"""

# %%
# The data: features of images in several typefaces, and one row of zeros and ones per letter, which
# says what it is made of.

from skcada.datasets import load_accented_letters

letters = load_accented_letters()
parts = letters.class_embeddings
print(f"{len(parts)} letters, {len(letters.unseen_classes)} of them never seen in training")
for letter in letters.unseen_classes[:5]:
    print(letter, "=", " + ".join(parts.columns[parts.loc[letter] == 1]))

# %%
# Training is that of any scikit-learn classifier. The class embeddings are a parameter, because
# they describe classes, not rows. No scaler is needed: features and class embeddings are centred
# and scaled inside.

from skcada import GZSLClassifier

model = GZSLClassifier(class_embeddings=parts, random_state=0)
model.fit(letters.data[letters.trainval], letters.target[letters.trainval])

# %%
# It predicts any of the 538 letters. S is the mean accuracy on the seen letters, each letter
# counted alike, and U that on the unseen ones. H, their harmonic mean, is low if either is. S is
# lower than U here: each seen letter is tested in a family of typefaces in which training does not
# show it.

import numpy as np
import pandas as pd

from skcada.metrics import gzsl_scorer

test = np.concatenate([letters.test_seen, letters.test_unseen])
X_test, y_test = letters.data[test], letters.target[test]
scores = gzsl_scorer(model, X_test, y_test)
print({name: round(score, 3) for name, score in scores.items()})

# %%
# How far a model leans towards the classes that it has seen can be changed after training:
# ``seen_penalty`` is subtracted from the scores of seen classes. The larger it is, the lower is S
# and the higher is U.

balance = {}
for penalty in (-2.0, 0.0, 2.0):
    model.set_params(seen_penalty=penalty)
    balance[penalty] = gzsl_scorer(model, X_test, y_test)
print(pd.DataFrame(balance).T[["S", "U", "H"]].round(2).rename_axis("seen_penalty"))

# %%
# Do not choose a penalty by such a table, because its scores come from test rows.
# :ref:`sphx_glr_auto_examples_plot_calibration.py` finds one on training rows. The figure below
# uses no penalty.
#
# Each picture is one image of an unseen letter, and above it stands what it is taken for. Black is
# right. Where it is wrong, in orange, the true letter follows: then, too, the basic letter is
# found, and a mark is missed, or taken for a similar one.

model.set_params(seen_penalty=0.0)

import matplotlib.pyplot as plt

rows = np.random.default_rng(0).choice(letters.test_unseen, size=32, replace=False)
predicted = model.predict(letters.data[rows])
fig, axes = plt.subplots(4, 8, figsize=(8, 5.6), layout="constrained")
for ax, row, letter in zip(axes.flat, rows, predicted, strict=True):
    right = letter == letters.target[row]
    ax.imshow(letters.images[row], cmap="gray_r")
    ax.set_axis_off()
    ax.set_title(
        letter if right else f"{letter}, not {letters.target[row]}",
        color="black" if right else "#D55E00",
        fontsize=13,
    )
fig.suptitle("Images of letters without a training image, and what they are taken for")
plt.show()
