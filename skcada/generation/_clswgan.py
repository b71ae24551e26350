"""The Wasserstein network with a classifier as a scikit-learn transformer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from skcada._base.estimator import read_layers
from skcada._intervals import Interval
from skcada._nn.generators import Critic, FeatureGenerator
from skcada._sklearn import StrOptions
from skcada._training import Trainer, train_softmax
from skcada._training.generators import CLSWGANObjective, Rows
from skcada.generation._base import BaseFeatureGenerator
from skcada.generation._collapse import warn_of_critic_without_gradient

# The training of the classifier that generated features are judged by, as in the authors' code.
CLASSIFIER_EPOCHS, CLASSIFIER_BATCH, CLASSIFIER_LEARNING_RATE = 50, 100, 1e-3


class CLSWGANTransformer(BaseFeatureGenerator):
    """Generator of features by a Wasserstein network with a classifier (f-CLSWGAN).

    A generator makes features of a class from its embedding and noise. A critic learns to tell
    them from real ones of the class, and the generator to make its scores alike. A softmax
    classifier, trained on the real rows of seen classes beforehand and then left as it is, makes
    sure that generated features can be classified [1]_. As the `transformer` of
    :class:`~skcada.GZSLClassifier` it trains a classifier on the real features of seen classes and
    on generated ones of unseen classes.

    Parameters
    ----------
    noise_size : int or "auto", default="auto"
        Number of dimensions of the noise. "auto" takes as many as class embeddings have.

    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        One description, a vector, of every class: a pandas DataFrame indexed by class label, a
        DataFrame of another library with one column of text, the labels, a dict of class label to
        vector, or an array whose row i describes class i. A dict of modality name to one of these
        gives several kinds of description, which are put side by side; each class needs all of
        them. None is one-hot of the classes in `y`.

    classification_weight : float, default=0.01
        Weight of the log loss of the frozen classifier in the generator's loss.

    penalty_weight : float, default=10.0
        Weight of the gradient penalty in the critic's loss.

    n_critic : int, default=5
        Number of steps of the critic per step of the generator.

    generator_layers : int, tuple or list of int, default=(1024,)
        Sizes of the generator's hidden layers. An int is one layer.

    critic_size : int, default=1024
        Size of the critic's hidden layer. There is one, for which the gradient penalty has a
        closed form.

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
        200,000 rows, but at least 20 and at most 100.

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
        One row per epoch, the means over the rows: "wasserstein", the critic's estimate of the
        distance of real and generated features, "gradient_penalty", unweighted,
        "classification", the log loss of the frozen classifier, and "loss", that of the critic.

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
        The trained generator. It takes and gives scaled embeddings and features.

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
    CVAETransformer, SEZSLTransformer : Train an autoencoder instead.

    Notes
    -----
    The critic D lowers the mean of ``D(G(n, a), a) - D(x, a) + penalty_weight (|dD/dx| - 1)^2``,
    where the gradient is that at a random place between x and a generated row of the same class;
    the generator G that of ``-D(G(n, a), a) - classification_weight log p(y | G(n, a))``. Scaled
    features that are never negative are generated by a rectifier.

    The published settings, on features scaled by :class:`~sklearn.preprocessing.MinMaxScaler`, are
    ``CLSWGANTransformer(generator_layers=4096, critic_size=4096, batch_size=64,
    feature_scaling="raw", embedding_scaling="raw")`` with, for GZSL, these: CUB
    ``learning_rate=1e-4, max_iter=280`` and 300 generated rows per unseen class; SUN
    ``learning_rate=2e-4, max_iter=200`` and 400; AWA1 and AWA2 ``learning_rate=1e-5,
    max_iter=150`` and 1800, each with ``samples_per_class=(None, n)`` and a softmax of 25 epochs in
    batches of n rows. An epoch of that code draws five times as many rows as there are, which are
    five epochs here. It reports the epoch of the softmax that is best on the test rows; here their
    number is fixed. The comparison in the CADA-VAE paper, on ResNet features, has these S, U and H
    in percent: CUB 57.7, 43.7, 49.7; SUN 36.6, 42.6, 39.4; AWA1 61.4, 57.9, 59.6; AWA2 68.9, 52.1,
    59.4.

    References
    ----------
    .. [1] Y. Xian, T. Lorenz, B. Schiele, Z. Akata, "Feature Generating Networks for Zero-Shot
       Learning", CVPR 2018.

    Examples
    --------
    >>> from skcada import GZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> from skcada.generation import CLSWGANTransformer
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> transformer = CLSWGANTransformer(max_iter=5)
    >>> model = GZSLClassifier(
    ...     transformer, class_embeddings=problem.class_embeddings, random_state=0
    ... )
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    >>> unseen = problem.class_embeddings.loc[problem.unseen_classes[:2]]
    >>> model.transformer_.sample(class_embeddings=unseen, n_samples=3, random_state=0).shape
    (6, 64)
    """

    _row_visits: ClassVar[int] = 200_000
    _epoch_bounds: ClassVar[tuple[int, int]] = (20, 100)
    _parameter_constraints: ClassVar[dict] = {
        **BaseFeatureGenerator._parameter_constraints,
        "noise_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "classification_weight": [Interval(Real, 0, None, closed="left")],
        "penalty_weight": [Interval(Real, 0, None, closed="left")],
        "n_critic": [Interval(Integral, 1, None, closed="left")],
        "generator_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "critic_size": [Interval(Integral, 1, None, closed="left")],
    }

    _private_parts: ClassVar[dict] = {"network_": FeatureGenerator}

    def __init__(
        self,
        noise_size: int | Literal["auto"] = "auto",
        *,
        class_embeddings: Any = None,
        classification_weight: float = 0.01,
        penalty_weight: float = 10.0,
        n_critic: int = 5,
        generator_layers: int | Sequence[int] = (1024,),
        critic_size: int = 1024,
        feature_scaling: Literal["auto", "raw"] = "auto",
        embedding_scaling: Literal["auto", "raw"] = "auto",
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 1e-3,
        checkpoint: str | os.PathLike[str] | None = None,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.noise_size = noise_size
        self.class_embeddings = class_embeddings
        self.classification_weight = classification_weight
        self.penalty_weight = penalty_weight
        self.n_critic = n_critic
        self.generator_layers = generator_layers
        self.critic_size = critic_size
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
    ) -> Trainer[CLSWGANObjective]:
        n_features, n_dimensions = data.features.shape[1], vectors.shape[1]
        network = FeatureGenerator(
            n_features,
            n_dimensions,
            n_dimensions if self.noise_size == "auto" else self.noise_size,
            layers=read_layers("generator_layers", self.generator_layers),
            is_rectified=bool((data.features >= 0).all()),
            generator=generator,
        )
        critic = Critic(n_features, n_dimensions, self.critic_size, generator)
        coef, bias = train_softmax(
            data.features,
            data.class_codes,
            len(data.vectors),
            n_epochs=CLASSIFIER_EPOCHS,
            batch_size=CLASSIFIER_BATCH,
            learning_rate=CLASSIFIER_LEARNING_RATE,
            generator=generator,
        )
        objective = CLSWGANObjective(
            network,
            critic,
            data,
            coef,
            bias,
            penalty_weight=self.penalty_weight,
            classification_weight=self.classification_weight,
            n_critic=self.n_critic,
            learning_rate=self.learning_rate,
        )
        return self._train_by(objective, generator)

    def _warn_of_collapse(self, data: Rows) -> None:
        warn_of_critic_without_gradient(float(self.loss_curve_["gradient_penalty"].iloc[-1]))
