"""
==================================
Recognise digits never seen before
==================================

A generalized zero-shot classifier learns from examples of some classes, the *seen* ones, and from
a description of every class. It then tells all classes apart, also the *unseen* ones.

Here the classes are handwritten digits. A digit is described by its seven-segment display, the
way it looks on a pocket calculator, and no image of a 1 or a 6 is shown in training.
"""

# %%
# The data: 64 pixels an image, and one row of seven numbers for each digit.

from skcada.datasets import load_segment_digits

digits = load_segment_digits()
print(digits.class_embeddings.astype(int))
print("never seen in training:", digits.unseen_classes)

# %%
# Training is that of any scikit-learn pipeline. The class embeddings are a parameter of the
# classifier, because they describe classes, not rows.

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import GZSLClassifier

model = make_pipeline(
    MinMaxScaler(),
    GZSLClassifier(class_embeddings=digits.class_embeddings, random_state=0),
)
model.fit(digits.data[digits.trainval], digits.target[digits.trainval])

# %%
# It predicts any of the ten digits. Accuracies are averaged over classes: S over those of the
# seen digits, U over those of the unseen ones. H, their harmonic mean, is low if either is.

import numpy as np
import pandas as pd

from skcada.metrics import gzsl_scorer

test = np.concatenate([digits.test_seen, digits.test_unseen])
X_test, y_test = digits.data[test], digits.target[test]
scores = gzsl_scorer(model, X_test, y_test)
print({name: round(score, 3) for name, score in scores.items()})

# %%
# This model leans towards the digits that it has seen. How far it leans can be chosen after
# training: ``seen_penalty`` is subtracted from the scores of seen classes. How to find parameters
# without unseen test data is the subject of the next example; here is what this one does.

balance = {}
for penalty in (0.0, 0.5, 1.0, 2.0, 4.0):
    model.set_params(gzslclassifier__seen_penalty=penalty)
    balance[penalty] = gzsl_scorer(model, X_test, y_test)
print(pd.DataFrame(balance).T[["S", "U", "H"]].round(3).rename_axis("seen_penalty"))

# %%
# Which digits are taken for which, with a penalty of 1? Images of a 6, of which the model has seen
# none, are found; and its errors are those of the descriptions. The displays of 5 and 8 differ from
# that of a 6 in one segment, as 7 does from 1.

model.set_params(gzslclassifier__seen_penalty=1.0)

import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay

display = ConfusionMatrixDisplay.from_predictions(
    y_test,
    model.predict(X_test),
    normalize="true",
    values_format=".1f",
    cmap="Blues",
    colorbar=False,
)
display.ax_.set(
    xlabel="predicted digit",
    ylabel="true digit",
    title="Share of each digit's images (bold: unseen in training)",
)
for axis in (display.ax_.xaxis, display.ax_.yaxis):
    for label in axis.get_ticklabels():
        if int(label.get_text()) in digits.unseen_classes:
            label.set_fontweight("bold")
plt.show()
