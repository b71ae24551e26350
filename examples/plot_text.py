"""
====================================
Sort texts by one sentence per topic
====================================

Nothing in the method is about images. Here the rows are texts, the classes are topics, and the
description of a topic is one English sentence. Some topics have no text in training. The texts
are on every machine that runs this example: the docstrings of the libraries that it needs.
"""

# %%
# A topic is a module or a class of NumPy, SciPy, pandas, scikit-learn, Matplotlib or torch. This
# table has one sentence per topic.

sentences = {
    "sklearn.cluster": "Group unlabeled samples into clusters by centroids or density.",
    "pandas.Series.dt": "Year, month, day and hour of dates and times, with frequency and zone.",
    "sklearn.decomposition": "Factorize a data matrix into principal or independent components.",
    "torch.distributions": "Probability distributions: log probability, samples and entropy.",
    "scipy.spatial.distance": "Compute the distance or dissimilarity between two vectors.",
    "sklearn.ensemble": "Combine many trees in a forest, by boosting or by voting of estimators.",
    "sklearn.feature_selection": "Select the best features by a score, and remove the others.",
    "scipy.fft": "Discrete Fourier transform, its inverse, and sine and cosine transforms.",
    "scipy.sparse.csgraph": "Shortest path and spanning tree of a graph with nodes and edges.",
    "scipy.cluster.hierarchy": "Hierarchical clustering by linkage matrix, cut into flat clusters.",
    "scipy.ndimage": "Filter images, and morphology of objects: erosion, dilation and labels.",
    "scipy.integrate": "Integrate a function by quadrature; solve ordinary differential equations.",
    "scipy.interpolate": "Interpolate data points by splines and piecewise polynomials with knots.",
    "sklearn.gaussian_process.kernels": "Covariance kernels of Gaussian processes, length scale.",
    "torch.nn": "Layers of a neural network: convolution, pooling, activation and normalization.",
    "scipy.linalg": "Solve linear equations; eigenvalues, inverse and factors of a square matrix.",
    "sklearn.linear_model": "Linear regression and classification with coefficients and a penalty.",
    "numpy.ma": "Arrays with a mask of invalid entries, and a fill value for them.",
    "sklearn.metrics": "Score predicted labels against true labels: accuracy, precision and error.",
    "sklearn.neighbors": "Find the nearest neighbors of query points in a tree.",
    "scipy.optimize": "Minimize an objective function with bounds and constraints; find its roots.",
    "torch.optim": "Gradient descent on parameters, with learning rate, momentum and weight decay.",
    "matplotlib.axes.Axes": "Plot lines, markers and bars with colors, legend, ticks and labels.",
    "numpy.polynomial.chebyshev": "Polynomial series: add, multiply, differentiate and fit them.",
    "sklearn.preprocessing": "Scale, center and encode features before fitting an estimator.",
    "numpy.random.Generator": "Draw random samples from a distribution with a generator.",
    "scipy.spatial.transform.Rotation": "Rotations by quaternions, Euler angles and matrices.",
    "scipy.signal": "Design digital filters and filter a signal; frequency response and spectrum.",
    "scipy.sparse": "Sparse matrices with nonzero elements, in row, column and coordinate format.",
    "scipy.special": "Bessel, gamma, elliptic and hypergeometric functions of a real argument.",
    "sklearn.model_selection": "Split data into folds of cross-validation; search for parameters.",
    "pandas.Series.str": "Find, replace, split and strip characters and substrings of each string.",
    "pandas.DataFrame": "Rows, columns and index of a table: merge, group, sort and drop them.",
    "sklearn.datasets": "Load or fetch a dataset, or generate a random problem with targets.",
    "scipy.stats": "Test a null hypothesis about samples by a statistic and its p-value.",
    "scipy.signal.windows": "Return a tapered, symmetric window, such as Hann, Hamming and Kaiser.",
}

# %%
# The texts of a topic are the docstrings of its members. Of many members, about thirty are taken.

import inspect
from pkgutil import resolve_name

import numpy as np


def read_docstrings(name, most=30):
    """Return different docstrings of the public members of a module or class."""
    owner = resolve_name(name)
    public = getattr(owner, "__all__", None) or [key for key in dir(owner) if key[0] != "_"]
    members = dict(inspect.getmembers_static(owner))
    texts = [
        inspect.getdoc(members[key])
        for key in sorted(set(public) & set(members))
        if callable(members[key]) or isinstance(members[key], property)
    ]
    texts = list(dict.fromkeys(text for text in texts if text and len(text) >= 200))
    return texts[:: -(-len(texts) // most)]


docstrings = {topic: read_docstrings(topic) for topic in sentences}
texts = np.array([text for members in docstrings.values() for text in members], dtype=object)
labels = np.repeat(list(docstrings), [len(members) for members in docstrings.values()])
print(f"{len(texts)} texts of {len(sentences)} topics")

# %%
# Every fourth topic of the list is unseen. A quarter of the texts of the other topics is kept for
# the test.

from sklearn.model_selection import train_test_split

unseen = list(sentences)[::4]
is_unseen = np.isin(labels, unseen)
train, test_seen = train_test_split(
    np.flatnonzero(~is_unseen), test_size=0.25, stratify=labels[~is_unseen], random_state=0
)
test = np.concatenate([test_seen, np.flatnonzero(is_unseen)])
print(f"{len(train)} texts to train on; unseen: {', '.join(unseen)}")

# %%
# Texts and sentences become vectors by the same vectoriser. It is fitted on the training texts
# alone, so a word that occurs only in unseen topics is lost. Sixteen dimensions are few for a
# text, but 27 seen topics are no more than 27 sentences to learn from: with 32 dimensions H in
# the folds below is far lower.

import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

words = TfidfVectorizer(
    stop_words="english", token_pattern="[a-zA-Z]{3,}", sublinear_tf=True, min_df=2
)
vectorizer = make_pipeline(words, TruncatedSVD(16, random_state=0), Normalizer())
vectorizer.fit(texts[train])
X, y = vectorizer.transform(texts), labels
class_embeddings = pd.DataFrame(vectorizer.transform(sentences.values()), index=list(sentences))

# %%
# The rest is as with any data, and no scaler is needed, because features and class embeddings
# are scaled inside. The balance between seen and unseen topics is tuned on three folds of the
# training texts. That is a little optimistic, because the vectoriser has read the topics that the
# folds hold out. It has read no text of the test. Networks smaller than the default ones are
# enough.

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV

transformer = CADAVAETransformer(
    latent_size=32,
    feature_encoder_layers=64,
    feature_decoder_layers=64,
    embedding_encoder_layers=64,
    embedding_decoder_layers=64,
    learning_rate=3e-3,
)
model = TunedSeenPenaltyClassifierCV(
    GZSLClassifier(transformer, class_embeddings=class_embeddings, random_state=0),
    cv=GZSLShuffleSplit(3, random_state=0),
)
model.fit(X[train], y[train])
scores = {"CADA-VAE": gzsl_scorer(model, X[test], y[test])}

# %%
# Sentences and texts are vectors of one kind here, so there is a simple rival that needs no
# training: predict the topic whose sentence is most similar to the text.

from sklearn.metrics.pairwise import cosine_similarity

from skcada.metrics import gzsl_scores, seen_unseen_auc_score

classes = {"classes": model.classes_, "seen_classes": model.seen_classes_}
similarity = cosine_similarity(X[test], class_embeddings.loc[model.classes_])
scores["similarity"] = gzsl_scores(y[test], similarity, **classes)
scores["similarity"]["AUSUC"] = seen_unseen_auc_score(y[test], similarity, **classes)
print(pd.DataFrame(scores).T.round(2))

# %%
# Chance is 1 in 36 for U, and 1 in 9 for T1, where unseen topics alone compete. Both ways find
# unseen topics far more often. The autoencoders have learnt from examples of the seen topics and
# know these much better, as S shows. On unseen topics they are about as good as the rival, which
# would gain from more dimensions: 27 sentences teach little that the vectors do not tell already.
# If descriptions and rows are of different kinds, as attributes and images are, there is no such
# rival. Nine topics are a small sample: if others are left out, the numbers differ a lot, and this
# division is one of the better ones.
#
# The figure shows where the texts of each unseen topic go, one row per topic. Predictions on the
# diagonal are right. Some topics are found most of the time and others hardly ever. Somewhat less
# than half of the errors are in the last column, the 27 topics with examples.

import matplotlib.pyplot as plt

predicted = pd.Series(model.predict(X[is_unseen]))
predicted = predicted.where(predicted.isin(unseen), "a seen topic")
shares = pd.crosstab(y[is_unseen], predicted.to_numpy(), normalize="index")
shares = shares.reindex(index=unseen, columns=[*unseen, "a seen topic"], fill_value=0.0)

fig, ax = plt.subplots(figsize=(8, 6), layout="constrained")
ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
for (row, column), share in np.ndenumerate(shares):
    if share >= 0.05:
        color = "white" if share > 0.5 else "black"
        ax.text(column, row, f"{share:.1f}", ha="center", va="center", color=color)
ax.axvline(len(unseen) - 0.5, color="black")
ax.set_xticks(range(shares.shape[1]), shares.columns, rotation=40, ha="right")
ax.set_yticks(range(len(unseen)), unseen)
ax.set(
    xlabel="predicted topic",
    ylabel="true topic, without a text in training",
    title="Where the texts of unseen topics go (share of each row)",
)
plt.show()
