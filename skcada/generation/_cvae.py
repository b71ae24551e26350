"""The conditional variational autoencoder of features as a scikit-learn transformer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from skcada._base.estimator import read_layers
from skcada._intervals import Interval
from skcada._nn.generators import ConditionalVAE, mean_l2_error
from skcada._nn.losses import l2_error
from skcada._sklearn import StrOptions
from skcada._training import Trainer
from skcada._training.generators import CVAEObjective, Rows
from skcada.generation._base import BaseFeatureGenerator
from skcada.generation._collapse import measure_variance, warn_of_idle_noise

RECONSTRUCTION_ERRORS = {"sum": l2_error, "mean": mean_l2_error}


class CVAETransformer(BaseFeatureGenerator):
    """Generator of features by a conditional variational autoencoder (CVAE).

    A variational autoencoder reconstructs the features of seen classes. Its encoder and its
    decoder are told the class embedding, so that the decoder makes features of any class from its
    embedding and standard normal noise [1]_. As the `transformer` of
    :class:`~skcada.GZSLClassifier` it trains a classifier on the real features of seen classes and
    on generated ones of unseen classes.

    Parameters
    ----------
    latent_size : int, default=50
        Number of latent dimensions, the noise from which features are generated.

    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        One description, a vector, of every class: a pandas DataFrame indexed by class label, a
        DataFrame of another library with one column of text, the labels, a dict of class label to
        vector, or an array whose row i describes class i. A dict of modality name to one of these
        gives several kinds of description, which are put side by side; each class needs all of
        them. None is one-hot of the classes in `y`.

    reconstruction : {"sum", "mean"}, default="sum"
        The squared error of a row: the sum over features, which is the log-likelihood of a normal
        distribution of variance 1/2, or the mean, as in the code of [1]_. Beside the mean, the KL
        divergence weighs so much that latents say nothing about their rows, and that all features
        generated for a class are much the same.

    encoder_layers, decoder_layers : int, tuple or list of int
        Sizes of the hidden layers, by default (512, 512) and (1024,). An int is one layer.

    dropout : float, default=0.0
        Share of the units of the encoder's first hidden layer that each step leaves out.

    feature_scaling : {"auto", "raw"}, default="auto"
        "auto" centers features and scales them: those that vary much, to the same standard
        deviation; those that hardly vary are not magnified; and all together, so that rows have
        the length 8, or less where there are fewer than 64 features. No scaler is needed then.
        "raw" takes features as they are.

    embedding_scaling : {"auto", "raw"}, default="auto"
        "auto" centers each kind of class embedding on its mean over the seen classes, and divides
        it by one number, so that they have the length 2 on average. "raw" takes embeddings as they
        are.

    max_iter : int or "auto", default="auto"
        Number of epochs, each of which visits every row once. "auto" takes as many as visit
        100,000 rows, but at least 10 and at most 25.

    batch_size : int or "auto", default="auto"
        Rows per step. "auto" takes a 20th of the rows, but at least 32 and at most 128.

    learning_rate : float, default=1e-3
        Learning rate of Adam.

    checkpoint : str, path-like or None, default=None
        File that keeps the training as it goes on. If it was cut off, :meth:`fit` with the same
        data and parameters goes on from there, and ends with the model of a training that was not.
        A file of another fit is refused. Needs a `random_state`. None keeps nothing.

    device : str or torch.device, default="auto"
        Where to train and to generate. "auto" takes the machine's accelerator if it has one.

    random_state : int, RandomState instance or None, default=None
        Determines initial weights, order of the rows and noise, the same on every device. Pass
        an int for reproducible results across calls.

    Attributes
    ----------
    seen_classes_ : ndarray of shape (n_seen_classes,)
        The class labels in `y`, sorted.

    loss_curve_ : DataFrame of shape (`n_iter_`, n_terms)
        One row per epoch, the means over the rows of "reconstruction", "kl" and their sum, "loss".

    class_embeddings_ : DataFrame, dict of str to DataFrame, or None
        The class embeddings it was fitted with, indexed by class label and sorted; one table per
        modality where there are several. None where none were given.

    max_iter_ : int
        Number of epochs that the training was planned for.

    n_iter_ : int
        Number of epochs run, fewer if a callback asked to stop.

    device_ : torch.device
        Where the network lives.

    network_ : torch.nn.Module
        The trained encoder and decoder. It takes and gives scaled embeddings and features.

    input_means_, input_scales_ : dict of str to ndarray of shape (n_columns,)
        What is subtracted from the features, under the key "features", and from each kind of class
        embedding, and what they are divided by. 0 and 1 where they are taken raw.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during fit, if `X` has names that are all strings.

    See Also
    --------
    skcada.GZSLClassifier : Trains a classifier on the features, as its `transformer`.
    SEZSLTransformer : Adds the feedback of a regressor.
    CLSWGANTransformer : Trains a generator against a critic.

    Notes
    -----
    The loss of a row x of a class with the embedding a is
    ``|x - G(z, a)|^2 + KL(q(z | x, a) || N(0, 1))``, where z is drawn from q.

    The published settings are ``CVAETransformer(50, reconstruction="mean", dropout=0.7,
    max_iter=25, batch_size=50, feature_scaling="raw", embedding_scaling="raw")``, a support vector
    machine as the final classifier, and 200 generated rows per class. The code that was published
    with [1]_ draws one noise vector per batch, for all its rows; here each row has its own. With
    those of the comparison in the CADA-VAE paper, on ResNet features, H is 34.5 on CUB, 26.7 on
    SUN, 47.2 on AWA1 and 51.2 on AWA2, in percent. Its settings for these data sets could not be
    verified.

    References
    ----------
    .. [1] A. Mishra, S. K. Reddy, A. Mittal, H. A. Murthy, "A Generative Model For Zero Shot
       Learning Using Conditional Variational Autoencoders", CVPR Workshops 2018.

    Examples
    --------
    >>> from skcada import GZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> from skcada.generation import CVAETransformer
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> transformer = CVAETransformer(max_iter=5)
    >>> model = GZSLClassifier(
    ...     transformer, class_embeddings=problem.class_embeddings, random_state=0
    ... )
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    >>> unseen = problem.class_embeddings.loc[problem.unseen_classes[:2]]
    >>> model.transformer_.sample(class_embeddings=unseen, n_samples=3, random_state=0).shape
    (6, 64)
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseFeatureGenerator._parameter_constraints,
        "latent_size": [Interval(Integral, 1, None, closed="left")],
        "reconstruction": [StrOptions({"sum", "mean"})],
        "encoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "decoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }

    _private_parts: ClassVar[dict] = {"network_": ConditionalVAE}

    def __init__(
        self,
        latent_size: int = 50,
        *,
        class_embeddings: Any = None,
        reconstruction: Literal["sum", "mean"] = "sum",
        encoder_layers: int | Sequence[int] = (512, 512),
        decoder_layers: int | Sequence[int] = (1024,),
        dropout: float = 0.0,
        feature_scaling: Literal["auto", "raw"] = "auto",
        embedding_scaling: Literal["auto", "raw"] = "auto",
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 1e-3,
        checkpoint: str | os.PathLike[str] | None = None,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.latent_size = latent_size
        self.class_embeddings = class_embeddings
        self.reconstruction = reconstruction
        self.encoder_layers = encoder_layers
        self.decoder_layers = decoder_layers
        self.dropout = dropout
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.checkpoint = checkpoint
        self.device = device
        self.random_state = random_state

    def _make_trainer(
        self, data: Rows, vectors: torch.Tensor, generator: torch.Generator
    ) -> Trainer[CVAEObjective]:
        network = ConditionalVAE(
            data.features.shape[1],
            vectors.shape[1],
            self.latent_size,
            encoder_layers=read_layers("encoder_layers", self.encoder_layers),
            decoder_layers=read_layers("decoder_layers", self.decoder_layers),
            sees_embedding=True,
            generator=generator,
        )
        objective = CVAEObjective(
            network,
            data,
            reconstruction_error=RECONSTRUCTION_ERRORS[self.reconstruction],
            dropout=self.dropout,
            learning_rate=self.learning_rate,
        )
        return self._train_by(objective, generator)

    def _warn_of_collapse(self, data: Rows) -> None:
        last = self.loss_curve_.iloc[-1]
        error = last["reconstruction"]
        if self.reconstruction == "mean":
            error *= data.features.shape[1]
        warn_of_idle_noise(last["kl"], error / measure_variance(data.features))
