"""Warnings of fits that went wrong without an error."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances

from skcada._classes.embeddings import FEATURES
from skcada._training import apply_in_chunks
from skcada.exceptions import CollapseWarning

if TYPE_CHECKING:
    from skcada.alignment._cada_vae import CADAVAETransformer

# Nats of KL divergence a sample, as a share of the log of the number of classes. Measured: .14
# and .18 where nothing was learned, .24 and .29 where models were as good as any.
LEAST_KL = 0.2
# Share of other classes whose embedding is nearer than that of the own class. Measured: up to .04
# where latents were aligned, .12 after two epochs or without distribution alignment, .5 by chance.
GREATEST_RANK = 0.25
# Share of latents that are told to be on the side on which they are.
LEAST_SHARE = 0.1
# Rows to look at, enough for shares to a few per cent.
N_ROWS = 1000


def check_latent_space(
    transformer: CADAVAETransformer,
    X: NDArray[np.float32],
    y: NDArray,
    *,
    kl: Mapping[str, float],
) -> None:
    """Warn if a fitted latent space cannot tell classes apart, or its modalities do not meet.

    Parameters
    ----------
    transformer : CADAVAETransformer
        Fitted.
    X : ndarray of shape (n_samples, n_features)
        Training rows.
    y : ndarray of shape (n_samples,)
    kl : mapping of str to float
        The KL divergence of each modality in the last epoch, in nats, as the mean over samples.
    """
    given = transformer._class_embeddings
    if not given.is_given:
        kl = {FEATURES: kl[FEATURES]}
    has_collapsed = warn_of_collapsed_posterior(kl, len(transformer.seen_classes_))
    # Where all latents are the prior, none is nearer than another.
    if has_collapsed or not given.is_given:
        return
    _, encoded = transformer._encode_embeddings(None)
    rows = _some_rows(len(X))
    encoder = transformer.network_.encoders[0]
    features = apply_in_chunks(encoder, X[rows], transformer.device_)[0]
    for name, (means, _) in encoded.items():
        classes = given.classes[given.present[name]]
        is_seen = np.isin(classes, transformer.seen_classes_)
        of_class = pd.Index(classes[is_seen]).get_indexer(y[rows])
        covered = of_class >= 0
        warn_of_apart_modalities(features[covered], of_class[covered], means[is_seen], name)


def _some_rows(n_rows: int) -> NDArray[np.intp]:
    """Return rows from all over the data, which may be sorted by class."""
    return np.arange(0, n_rows, max(1, n_rows // N_ROWS))


def warn_of_collapsed_posterior(kl: Mapping[str, float], n_classes: int) -> bool:
    """Warn if latents carry too little information to tell classes apart.

    The KL divergence of the posterior from the prior bounds, on the average, the information that
    a latent carries about its input. To tell classes apart takes the logarithm of their number.

    Parameters
    ----------
    kl : mapping of str to float
        Of each modality, in nats, the mean over samples.
    n_classes : int

    Returns
    -------
    bool
        Whether it warned.
    """
    needed = LEAST_KL * np.log(n_classes)
    collapsed = [name for name in kl if kl[name] < needed]
    if collapsed:
        measured = " and ".join(f"{kl[name]:.2g} nats of {name}" for name in collapsed)
        if FEATURES in collapsed:
            remedy = (
                "Scale X by StandardScaler if it is not of non-negative activations, lower beta, "
                "or raise feature_weight."
            )
        else:
            remedy = (
                "Lower beta, raise gamma or delta, or multiply these class_embeddings by a factor "
                "if they are small."
            )
        warnings.warn(
            f"The posterior has collapsed: the KL divergence is {measured}, too little to tell "
            f"{n_classes} classes apart. {remedy} Raise max_iter if it is low.",
            CollapseWarning,
            stacklevel=2,
        )
    return bool(collapsed)


def warn_of_apart_modalities(
    features: NDArray[np.floating],
    of_class: NDArray[np.intp],
    embeddings: NDArray[np.floating],
    name: str,
) -> None:
    """Warn if features lie no nearer to the embedding of their class than to any other.

    Parameters
    ----------
    features : ndarray of shape (n_samples, latent_size)
        Latent means.
    of_class : ndarray of shape (n_samples,)
        Row of `embeddings` that belongs to each.
    embeddings : ndarray of shape (n_classes, latent_size)
        Latent means.
    name : str
        The modality.
    """
    n_classes = len(embeddings)
    if n_classes < 2 or not len(features):
        return
    distances = pairwise_distances(features, embeddings)
    own = distances[np.arange(len(features)), of_class]
    rank = float((distances < own[:, np.newaxis]).sum(axis=1).mean()) / (n_classes - 1)
    if rank > GREATEST_RANK:
        warnings.warn(
            f"The latents of features and {name} do not overlap: on the average, features are "
            f"nearer to the {name} of {rank:.0%} of the other classes than to that of their own, "
            "where 50% is chance. Raise delta or gamma, or train longer with max_iter.",
            CollapseWarning,
            stacklevel=2,
        )
