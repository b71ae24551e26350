"""
=============================
Swap CADA-VAE for a generator
=============================

CADA-VAE trains its final classifier in a latent space that features and class embeddings share.
Other models have no such space: they generate features of unseen classes. Both are the
``transformer`` of a ``GZSLClassifier``, so that one word in a pipeline decides, and a search can
try all. Which is best for these data, and what do generated features look like?
"""

# %%
# The accented letters that are vowels; with all letters this would take minutes. A letter is
# described by its basic letter and its marks. The pipeline reduces 384 features to 64 components.

import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from skcada import CADAVAETransformer, GZSLClassifier
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
pipeline = make_pipeline(
    PCA(64, random_state=0),
    GZSLClassifier(
        CADAVAETransformer(),
        class_embeddings=embeddings,
        samples_per_class=(50, 100),
        random_state=0,
    ),
)

# %%
# The search swaps the transformer. Its fold holds out whole letters of the training rows, and the
# scorer measures the area under the seen-unseen curve, which no balance of seen and unseen letters
# changes. The small networks of f-CLSWGAN are for the sake of
# time.

import pandas as pd
from sklearn.model_selection import GridSearchCV

from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit

candidates = {
    "CADA-VAE": CADAVAETransformer(),
    "CVAE": CVAETransformer(),
    "SE": SEZSLTransformer(),
    "f-CLSWGAN": CLSWGANTransformer(generator_layers=512, critic_size=512),
}
search = GridSearchCV(
    pipeline,
    {"gzslclassifier__transformer": list(candidates.values())},
    scoring=gzsl_scorer,
    refit="AUSUC",
    cv=GZSLShuffleSplit(n_splits=1, random_state=0),
)
search.fit(X, y)
table = pd.DataFrame(
    {key: search.cv_results_[f"mean_test_{key}"] for key in ("S", "U", "H", "T1", "AUSUC")},
    index=list(candidates),
)
table["seconds"] = search.cv_results_["mean_fit_time"]
print(table.round(2).to_string())

# %%
# The refitted winner on test rows, which no choice has seen:

print({key: round(value, 2) for key, value in gzsl_scorer(search, X_test, y_test).items()})

# %%
# A generator can be drawn from. Each tripod is a generated vector of an unseen letter, each cross a
# real one of the test rows, which the model has never seen, and a star the mean of what is
# generated. Where the two clouds of a color lie apart, the final classifier learns a letter in the
# wrong place.

import matplotlib.pyplot as plt

from skcada.inspection import LatentSpaceDisplay

generator = pipeline.set_params(gzslclassifier__transformer=candidates["CVAE"]).fit(X, y)
shown = generator[-1].unseen_classes_[:8]
is_shown = np.isin(y_test, shown)
display = LatentSpaceDisplay.from_estimator(
    generator,
    X_test[is_shown],
    y_test[is_shown],
    class_embeddings=embeddings.loc[shown],
    random_state=0,
)
display.ax_.set_title("Real and generated features of eight unseen letters")
plt.show()
