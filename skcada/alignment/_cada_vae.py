"""The aligned variational autoencoders as a scikit-learn transformer."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from skcada._base.epochs import FitTask, open_checkpoint
from skcada._base.estimator import (
    DocLinkMixin,
    fit_method,
    fitted_method,
    spread,
    validate_new_rows,
    validate_rows,
    validate_vectors,
)
from skcada._base.latent_source import check_counts, check_one_given, read_embeddings
from skcada._base.scaling import choose_scalings, scale_rows, scale_tables
from skcada._base.state import DeviceStateMixin
from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.tables import FEATURES
from skcada._intervals import Interval
from skcada._nn.networks import AlignedVAE
from skcada._nn.noise import NoiseKind
from skcada._sklearn import CallbackSupportMixin, StrOptions
from skcada._training import AlignedVAEObjective, Trainer, apply_in_chunks, as_tensor
from skcada.alignment._collapse import warn_of_apart_modalities, warn_of_collapsed_posterior
from skcada.alignment._recipe import make_trainer
from skcada.alignment._sampling import LatentGaussians, draw_latents

# Rows whose latents are looked at after the training, enough for shares to a few per cent.
N_CHECKED_ROWS = 1000


class CADAVAETransformer(
    DocLinkMixin,
    DeviceStateMixin,
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Latent space shared by features and class embeddings (CADA-VAE).

    Variational autoencoders, one for feature vectors and one for each kind of class embedding,
    are trained to reconstruct their own input, to reconstruct the others' input from their latent
    (cross-alignment) and to give the same latent Gaussian (distribution alignment) [1]_. Only
    classes with rows in `X` train them; embeddings of other classes can be mapped into the
    latent space afterwards.

    Parameters
    ----------
    latent_size : int, default=64
        Number of latent dimensions.

    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        One description, a vector, of every class: a pandas DataFrame indexed by class label, a
        DataFrame of another library with one column of text, the labels, a dict of class label to
        vector, or an array whose row i describes class i. It may also hold
        classes that have no rows in `X`. A dict of modality name to one of these gives several
        kinds of description, each of which may cover only some classes. None is one-hot of the
        classes in `y`.

    gamma : float, default=2.37
        Weight of the cross-alignment, eq. (3). 0 gives DA-VAE.

    delta : float, default=8.13
        Weight of the distribution alignment, eq. (6). 0 gives CA-VAE.

    beta : float, default=0.25
        Weight of the KL divergences, eq. (2).

    feature_scaling : {"auto", "raw"}, default="auto"
        "auto" centers features and scales them: those that vary much, to the same standard
        deviation; those that hardly vary are not magnified; and all together, so that rows have
        the length 8, or less where there are fewer than 64 features. The unit of measurement does
        not matter then, and no scaler is needed. "raw" takes features as they are.

    embedding_scaling : {"auto", "raw"}, default="auto"
        "auto" centers each kind of class embedding on its mean over the seen classes, and divides
        it by one number, so that the best constant reconstruction has an error of 25. Raw
        embeddings of small numbers cost so little that they are ignored. "raw" takes embeddings as
        they are, as the authors' code does.

    feature_weight : float or "auto", default="auto"
        Weight of the reconstruction errors of features, own and crossed. "auto" makes that of
        their median 80, about what it is of 1,280 pooled EfficientNet features scaled to [0, 1],
        so that all weights mean the same for any number and scale of features. 1.0 is the
        authors' code.

    gamma_warmup, delta_warmup, beta_warmup : tuple or list of two floats
        Where the weight starts and stops to rise linearly from 0 to its value, as fractions of
        `max_iter_`: by default (0.21, 0.75), (0.06, 0.22) and (0.0, 0.93).

    feature_encoder_layers, feature_decoder_layers : int, tuple or list of int
        Sizes of the hidden layers, by default (1560,) and (1660,). An int is one layer.

    embedding_encoder_layers, embedding_decoder_layers : int, tuple or list of int
        Sizes of the hidden layers of each modality, by default (1450,) and (665,).

    reconstruction_loss : {"l1", "l2"}, default="l1"
        Absolute or squared error.

    noise : {"official", "shared", "independent"}, default="official"
        How latents are drawn. "official": one draw per sample, shared by all dimensions, times
        the exponential of the log-variance, as in the authors' code. "shared": the same draw,
        times the standard deviation. "independent": one draw per dimension, times the standard
        deviation.

    max_iter : int or "auto", default="auto"
        Number of epochs. "auto" takes as many as visit 100,000 rows, but at least 14 and at most
        60.

    batch_size : int or "auto", default="auto"
        Rows per step. "auto" takes a 20th of the rows, so that small data get enough steps,
        but at least 32 and at most 192 rows.

    learning_rate : float, default=1e-3
        Learning rate of Adam.

    precision : {"float32", "bfloat16", "auto"}, default="auto"
        Precision of the matrix products in training. "bfloat16" is about twice as fast where the
        hardware has it, and "auto" takes it there; latent Gaussians, losses, weights and all
        outputs are float32 in any case. Results of the two differ a little.

    checkpoint : str, path-like or None, default=None
        File that keeps the training as it goes on. If it was cut off, :meth:`fit` with the same
        data and parameters goes on from there, and ends with the model of a training that was not.
        A file of another fit is refused. Needs a `random_state`. None keeps nothing.

    device : str or torch.device, default="auto"
        Where to train and to infer. "auto" takes the machine's accelerator if it has one.

    random_state : int, RandomState instance or None, default=None
        Determines initial weights, order of the rows and noise, the same on every device. Pass
        an int for reproducible results across calls.

    Attributes
    ----------
    seen_classes_ : ndarray of shape (n_seen_classes,)
        The class labels in `y`, sorted.

    loss_curve_ : DataFrame of shape (`n_iter_`, n_terms)
        One row per epoch; "loss" and one column per loss term, unweighted, as the mean over the
        samples. Cross-reconstruction and Wasserstein terms are NaN in epochs in which their weight
        was zero.

    loss_weights_ : DataFrame of shape (`n_iter_`, 3)
        The weights "beta", "gamma" and "delta" in each epoch.

    class_embeddings_ : DataFrame, dict of str to DataFrame, or None
        The class embeddings it was fitted with, indexed by class label and sorted; one table per
        modality where there are several. None where none were given.

    max_iter_ : int
        Number of epochs that the training was planned for.

    n_iter_ : int
        Number of epochs run, fewer if a callback asked to stop.

    device_ : torch.device
        Where the networks live.

    network_ : torch.nn.Module
        The trained encoders and decoders. They take and give scaled features and embeddings.

    input_means_, input_scales_ : dict of str to ndarray of shape (n_columns,)
        What is subtracted from the features, under the key "features", and from each kind of class
        embedding, and what they are divided by, before they enter an encoder. 0 and 1 where they
        are taken raw.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during fit, if `X` has names that are all strings.

    See Also
    --------
    GZSLClassifier : Trains a classifier of seen and unseen classes on these latents.

    Notes
    -----
    The loss is that of the authors' code, which differs from the paper in some points. Their
    recipe is ``CADAVAETransformer(max_iter=100, batch_size=50, learning_rate=1.5e-4,
    feature_scaling="raw", embedding_scaling="raw", feature_weight=1.0, precision="float32")`` on
    features scaled by :class:`~sklearn.preprocessing.MinMaxScaler`.

    References
    ----------
    .. [1] E. Schönfeld, S. Ebrahimi, S. Sinha, T. Darrell, Z. Akata, "Generalized Zero- and
       Few-Shot Learning via Aligned Variational Autoencoders", CVPR 2019.

    Examples
    --------
    >>> from skcada import CADAVAETransformer
    >>> from skcada.datasets import load_segment_digits
    >>> digits = load_segment_digits()
    >>> X, y = digits.data[digits.trainval], digits.target[digits.trainval]
    >>> transformer = CADAVAETransformer(
    ...     latent_size=8, class_embeddings=digits.class_embeddings, max_iter=2, random_state=0
    ... )
    >>> transformer.fit_transform(X, y).shape == (len(X), 8)
    True
    >>> transformer.transform_embeddings().shape  # all ten digits, unseen ones too
    (10, 8)
    """

    _parameter_constraints: ClassVar[dict] = {
        "latent_size": [Interval(Integral, 1, None, closed="left")],
        "class_embeddings": ["array-like", "sparse matrix", dict, None],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "delta": [Interval(Real, 0, None, closed="left")],
        "beta": [Interval(Real, 0, None, closed="left")],
        "feature_scaling": [StrOptions({"auto", "raw"})],
        "embedding_scaling": [StrOptions({"auto", "raw"})],
        "feature_weight": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "gamma_warmup": [tuple, list],
        "delta_warmup": [tuple, list],
        "beta_warmup": [tuple, list],
        "feature_encoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "feature_decoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "embedding_encoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "embedding_decoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "reconstruction_loss": [StrOptions({"l1", "l2"})],
        "noise": [StrOptions({"official", "shared", "independent"})],
        "max_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "precision": [StrOptions({"float32", "bfloat16", "auto"})],
        "checkpoint": [str, os.PathLike, None],
        "device": [str, torch.device],
        "random_state": ["random_state"],
    }

    _private_parts: ClassVar[dict] = {"network_": AlignedVAE}

    def __init__(
        self,
        latent_size: int = 64,
        *,
        class_embeddings: Any = None,
        gamma: float = 2.37,
        delta: float = 8.13,
        beta: float = 0.25,
        feature_scaling: Literal["auto", "raw"] = "auto",
        embedding_scaling: Literal["auto", "raw"] = "auto",
        feature_weight: float | Literal["auto"] = "auto",
        gamma_warmup: Sequence[float] = (0.21, 0.75),
        delta_warmup: Sequence[float] = (0.06, 0.22),
        beta_warmup: Sequence[float] = (0.0, 0.93),
        feature_encoder_layers: int | Sequence[int] = (1560,),
        feature_decoder_layers: int | Sequence[int] = (1660,),
        embedding_encoder_layers: int | Sequence[int] = (1450,),
        embedding_decoder_layers: int | Sequence[int] = (665,),
        reconstruction_loss: Literal["l1", "l2"] = "l1",
        noise: NoiseKind = "official",
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 1e-3,
        precision: Literal["float32", "bfloat16", "auto"] = "auto",
        checkpoint: str | os.PathLike[str] | None = None,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.latent_size = latent_size
        self.class_embeddings = class_embeddings
        self.gamma = gamma
        self.delta = delta
        self.beta = beta
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.feature_weight = feature_weight
        self.gamma_warmup = gamma_warmup
        self.delta_warmup = delta_warmup
        self.beta_warmup = beta_warmup
        self.feature_encoder_layers = feature_encoder_layers
        self.feature_decoder_layers = feature_decoder_layers
        self.embedding_encoder_layers = embedding_encoder_layers
        self.embedding_decoder_layers = embedding_decoder_layers
        self.reconstruction_loss = reconstruction_loss
        self.noise = noise
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.precision = precision
        self.checkpoint = checkpoint
        self.device = device
        self.random_state = random_state

    @fit_method(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, class_embeddings: Any = None) -> Self:
        """Train the autoencoders.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of the seen classes.

        y : array-like of shape (n_samples,)
            Class labels.

        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            Takes precedence over the parameter of the constructor.

        Returns
        -------
        self : CADAVAETransformer
            The fitted transformer.

        Raises
        ------
        ValueError
            Before any training, if a class in `y` has no embedding, if labels differ in type
            or occur twice, if an input holds NaN or infinity or is not numeric; during it, if
            a loss term becomes non-finite.

        Warns
        -----
        UserWarning
            If features or class embeddings are taken raw and are far too small or too large.

        CollapseWarning
            If latents carry too little information to tell classes apart, or those of features
            lie no nearer to the embedding of their class than to any other.
        """
        rows, labels = validate_rows(self, X, y)
        seen_classes = np.unique(labels)
        embeddings = read_embeddings(class_embeddings, self.class_embeddings, labels)
        checkpoint = open_checkpoint(self, rows, labels, class_embeddings=vars(embeddings))
        seen = embeddings.select(seen_classes)
        scalings = choose_scalings(
            rows,
            {name: table[seen.present[name]] for name, table in seen.tables.items()},
            feature_scaling=self.feature_scaling,
            embedding_scaling=self.embedding_scaling,
            reconstruction_loss=self.reconstruction_loss,
        )
        trainer = self._make_trainer(
            # A copy, which large raw rows can do without.
            rows if self.feature_scaling == "raw" else scale_rows(rows, *scalings[FEATURES]),
            labels,
            scale_tables(embeddings, scalings),
        )
        objective = trainer.objective
        task = FitTask.start(self, rows, labels, max_subtasks=objective.max_iter)
        schedule = objective.schedule()

        def fitted_attributes() -> dict[str, Any]:
            return {
                "seen_classes_": seen_classes,
                # A copy: what a callback keeps must not be trained further.
                "network_": copy.deepcopy(objective.network),
                "device_": objective.features.device,
                "loss_curve_": pd.DataFrame(trainer.history, columns=[*objective.columns]),
                "loss_weights_": pd.DataFrame(
                    {name: weights[: trainer.n_epochs] for name, weights in schedule.items()}
                ),
                "max_iter_": objective.max_iter,
                "n_iter_": trainer.n_epochs,
                "class_embeddings_": embeddings.frames(),
                "input_means_": {name: scaling.mean for name, scaling in scalings.items()},
                "input_scales_": {name: scaling.scale for name, scaling in scalings.items()},
                # What a trained network must be used with, whatever the parameters are set to.
                "_noise": self.noise,
            }

        task.train(trainer, objective.max_iter, fitted_attributes, checkpoint)
        self._warn_of_collapse(rows, labels)
        task.finish()
        return self

    def _make_trainer(
        self, X: NDArray[np.float32], y: NDArray, embeddings: ClassEmbeddings
    ) -> Trainer[AlignedVAEObjective]:
        # Not all of get_params: a subclass may have more.
        names = set(CADAVAETransformer._get_param_names()) - {
            "class_embeddings",
            "checkpoint",
            "feature_scaling",
            "embedding_scaling",
        }
        settings = {name: getattr(self, name) for name in names}
        return make_trainer(X, embeddings.index_of(y), embeddings, **settings)

    def _warn_of_collapse(self, X: NDArray[np.float32], y: NDArray) -> None:
        """Warn if the latent space cannot tell classes apart, or its modalities do not meet."""
        last = self.loss_curve_.iloc[-1]
        is_given = self.class_embeddings_ is not None
        modalities = self.network_.modalities if is_given else [FEATURES]
        kl = {name: float(last[f"kl_{name}"]) for name in modalities}
        has_collapsed = warn_of_collapsed_posterior(kl, len(self.seen_classes_))
        # Where all latents are the prior, none is nearer than another.
        if has_collapsed or not is_given:
            return
        rows = spread(len(X), N_CHECKED_ROWS)
        features = self._encode(FEATURES, X[rows])[0]
        given, encoded = self._encode_embeddings(None)
        for name, (means, _) in encoded.items():
            classes = given.classes[given.present[name]]
            is_seen = np.isin(classes, self.seen_classes_)
            class_codes = pd.Index(classes[is_seen]).get_indexer(y[rows])
            covered = class_codes >= 0
            warn_of_apart_modalities(features[covered], class_codes[covered], means[is_seen], name)

    @fitted_method
    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Map features to the means of their latent Gaussians.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, latent_size)
            Latent means, float32.
        """
        return self._encode_features(X)[0]

    def _encode_features(self, X: ArrayLike) -> list[NDArray[np.float32]]:
        return self._encode(FEATURES, validate_new_rows(self, X))

    def _encode(self, modality: str, rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Map inputs of a modality to the means and log-variances of their latents."""
        encoder = self.network_.encoders[self.network_.modalities.index(modality)]
        mean, scale = (
            as_tensor(values[modality], self.device_)
            for values in (self.input_means_, self.input_scales_)
        )
        return apply_in_chunks(lambda x: encoder(scale_rows(x, mean, scale)), rows, self.device_)

    def _encode_embeddings(
        self, class_embeddings: Any
    ) -> tuple[ClassEmbeddings, dict[str, list[NDArray[np.float32]]]]:
        """Encode the classes that each modality covers, in the order of the classes."""
        fitted = ClassEmbeddings.of_fit(self.class_embeddings_, self.seen_classes_)
        given = fitted
        if class_embeddings is not None:
            given = ClassEmbeddings.parse(class_embeddings).matched_to(fitted)
        return given, {
            name: self._encode(name, table[given.present[name]])
            for name, table in given.tables.items()
            if given.present[name].any()
        }

    @fitted_method
    def transform_embeddings(self, class_embeddings: Any = None) -> pd.DataFrame:
        """Map class embeddings to the means of their latent Gaussians.

        Parameters
        ----------
        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            Embeddings of any classes, in a form that the constructor accepts. None takes those
            of `fit`, all classes, sorted.

        Returns
        -------
        DataFrame of shape (n_embeddings, latent_size)
            Latent means, indexed by class label, in the order of the embeddings. If the
            transformer was fitted with several modalities, by modality and class label, each
            modality with the classes that it covers.
        """
        check_is_fitted(self)
        given, encoded = self._encode_embeddings(class_embeddings)
        means = {
            name: pd.DataFrame(
                mean, index=given.classes[given.present[name]], columns=self.get_feature_names_out()
            )
            for name, (mean, _) in encoded.items()
        }
        if len(self.network_.modalities) > 2:
            return pd.concat(means, names=["modality", "class"])
        (only,) = means.values()
        return only

    @fitted_method
    def sample(
        self,
        X: ArrayLike | None = None,
        *,
        class_embeddings: Any = None,
        n_samples: int | NDArray[np.integer] = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> NDArray[np.float32]:
        """Draw latents from the Gaussians of features or of class embeddings.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features) or None, default=None
            Feature vectors. Exactly one of `X` and `class_embeddings` must be given.

        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            Embeddings of n_rows classes, in a form that the constructor accepts.

        n_samples : int or ndarray of shape (n_rows,), default=1
            Number of latents to draw from each row. Those of a class are shared out evenly among
            the modalities that it has.

        random_state : int, RandomState instance or None, default=None
            Determines the draws.

        Returns
        -------
        ndarray of shape (n_drawn, latent_size)
            Latents, float32; those of the first row come first, as in :func:`numpy.repeat`.

        Raises
        ------
        ValueError
            If both or neither of `X` and `class_embeddings` are given, `n_samples` is negative or
            does not fit the rows, or latents are not finite, because an input is far from all that
            the transformer was trained on.

        Examples
        --------
        >>> import numpy as np
        >>> from skcada import CADAVAETransformer
        >>> X, y = np.random.default_rng(0).random((20, 6)), np.arange(20) % 2
        >>> transformer = CADAVAETransformer(max_iter=1, random_state=0).fit(X, y)
        >>> transformer.sample(X[:2], n_samples=np.array([3, 1]), random_state=0).shape
        (4, 64)
        """
        check_is_fitted(self)
        check_one_given(X, class_embeddings)
        if X is not None:
            mean, log_var = self._encode_features(X)
            counts = check_counts(n_samples, len(mean))
            sources = [LatentGaussians(mean, log_var, np.arange(len(mean)), counts)]
            names = "rows", np.arange(len(mean))
        else:
            given, encoded = self._encode_embeddings(class_embeddings)
            shares = given.share_out(check_counts(n_samples, len(given.classes)))
            names, sources = ("class embeddings", given.classes), []
            for name, (mean, log_var) in encoded.items():
                rows = np.flatnonzero(given.present[name])
                sources.append(LatentGaussians(mean, log_var, rows, shares[name][rows]))
        return draw_latents(
            sources, names, noise=self._noise, random_state=check_random_state(random_state)
        )

    @fitted_method
    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Decode latents to features.

        Parameters
        ----------
        X : array-like of shape (n_samples, latent_size)
            Latents, of features or of class embeddings.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Reconstructed feature vectors, float32.
        """
        check_is_fitted(self)
        latents = validate_vectors(X)
        if latents.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {latents.shape[1]} columns, but the latent space has {self._n_features_out}"
                " dimensions. Pass what transform or sample returned."
            )
        decoder = self.network_.decoders[0]
        (scaled,) = apply_in_chunks(lambda z: (decoder(z),), latents, self.device_)
        return scaled * self.input_scales_[FEATURES] + self.input_means_[FEATURES]

    @property
    def _n_features_out(self) -> int:
        return self.network_.latent_size

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
