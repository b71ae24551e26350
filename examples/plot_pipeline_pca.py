"""
==========================================
Put a frozen feature extractor in the pipe
==========================================

Generalized zero-shot learning starts from the features of a network that was trained on other data
and stays as it is. In a pipeline the extractor, the scaler and the classifier are one model: it
takes raw inputs, no fold trains the extractor again, and a search can compare extractors.
"""

# %%
# Rows of 400 raw values. Fifteen of the classes stand for the data that an extractor is trained on:
# their rows are used without labels, and the task below has none of these classes.

import numpy as np

from skcada.datasets import make_gzsl_classification

problem = make_gzsl_classification(
    2000,
    400,
    n_seen_classes=45,
    n_unseen_classes=10,
    n_attributes=8,
    class_sep=2.0,
    random_state=0,
)
X, y = problem.data, problem.target
seen = np.setdiff1d(y, problem.unseen_classes)
other_classes = seen[:15]
unlabelled = X[np.isin(y, other_classes)]


def without_others(rows):
    """Leave out the rows of the other classes."""
    return rows[~np.isin(y[rows], other_classes)]


trainval = without_others(problem.trainval)
test = np.concatenate([without_others(problem.test_seen), problem.test_unseen])
class_embeddings = problem.class_embeddings.drop(index=other_classes)
print(f"{len(unlabelled)} unlabelled rows; {len(trainval)} rows of {len(seen) - 15} seen classes;")
print(f"{len(class_embeddings)} classes to tell apart")

# %%
# A principal component analysis stands in for the network. ``FrozenEstimator`` says that it is
# trained: fitting or cloning the pipeline leaves it alone. The autoencoders are smaller than the
# default ones, and trained for fewer epochs, so that this page builds quickly. The scaler
# gives all principal components the same variance, because later ones may tell classes apart as
# well as the first; the activations of a network need none.
#
# With images you would put a network there. A network without its last layer has nothing to fit,
# so a function is enough, for instance with torchvision (or with ``timm.create_model(name,
# pretrained=True, num_classes=0)``):
#
# .. code-block:: python
#
#     weights = torchvision.models.ResNet101_Weights.DEFAULT
#     network = torchvision.models.resnet101(weights=weights).eval()
#     network.fc = torch.nn.Identity()
#
#     def extract(images):  # uint8, of shape (n_images, 3, height, width)
#         with torch.inference_mode():
#             return network(weights.transforms()(torch.from_numpy(images))).numpy()
#
#     extractor = FunctionTransformer(extract)
#
# The network must not have been trained on the classes that you call unseen.

from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skcada import CADAVAETransformer, GZSLClassifier

transformer = CADAVAETransformer(
    32,
    delta=1.0,
    feature_encoder_layers=64,
    feature_decoder_layers=64,
    embedding_encoder_layers=64,
    embedding_decoder_layers=64,
    max_iter=25,
    batch_size=64,
    learning_rate=3e-3,
)
model = Pipeline(
    [
        ("extract", FrozenEstimator(PCA(8, random_state=0).fit(unlabelled))),
        ("scale", StandardScaler()),
        ("gzsl", GZSLClassifier(transformer, class_embeddings=class_embeddings, random_state=0)),
    ]
)
print("a clone has the same extractor:", clone(model)["extract"] is model["extract"])

# %%
# Folds that hold out whole classes tell which extractor is best. The parameter to search is the
# step itself. Candidates could be several networks; here they are numbers of components.
#
# If extraction is slow, ``Pipeline(..., memory=folder)`` keeps what each extractor returned.

from sklearn.model_selection import GridSearchCV

from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit

n_components = [4, 8, 12, 16, 24]
extractors = [FrozenEstimator(PCA(n, random_state=0).fit(unlabelled)) for n in n_components]
search = GridSearchCV(
    model,
    {"extract": extractors},
    cv=GZSLShuffleSplit(n_splits=3, random_state=0),
    scoring=gzsl_scorer,
    refit="AUSUC",
)
search.fit(X[trainval], y[trainval])
print("chosen on the folds:", search.best_params_["extract"].n_components, "components")

# %%
# The chosen pipeline was fitted on all training rows. It predicts from raw rows, and these are its
# scores on the test part, which has played no role so far:

scores = gzsl_scorer(search, X[test], y[test])
print({name: round(score, 2) for name, score in scores.items()})

# %%
# Four components are too few to tell the classes apart, and too many add noise. Lines are means
# over the folds, and bands go from the worst fold to the best. T1 is the accuracy on held-out
# classes when only classes without training rows compete.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(layout="constrained")
for name, color, style in [
    ("S", "#0072B2", "o-"),
    ("T1", "#D55E00", "s-"),
    ("AUSUC", "black", "D-"),
]:
    folds = np.array([search.cv_results_[f"split{i}_test_{name}"] for i in range(3)])
    ax.plot(n_components, folds.mean(axis=0), style, color=color, mfc="white", label=name)
    ax.fill_between(
        n_components, folds.min(axis=0), folds.max(axis=0), color=color, alpha=0.12, lw=0
    )
ax.set(
    xlabel="components of the frozen extractor",
    ylabel="per-class accuracy, or area AUSUC",
    xticks=n_components,
    ylim=(0, 1),
    title="Extractors compared on folds that hold out classes",
)
ax.grid(alpha=0.3)
ax.legend(loc="lower center", ncols=3)
plt.show()
