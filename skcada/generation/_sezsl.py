"""The autoencoder with feedback of a regressor as a scikit-learn transformer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from skcada._base.estimator import read_layers
from skcada._intervals import Interval
from skcada._nn import Ramp
from skcada._nn.generators import ConditionalVAE, make_regressor
from skcada._sklearn import StrOptions
from skcada._training import Trainer
from skcada._training.generators import Rows, SEObjective
from skcada.generation._base import BaseFeatureGenerator
from skcada.generation._collapse import measure_variance, warn_of_idle_noise

# The share of the training after which generated features have their whole weight in the
# regressor's loss: those of a generator that has learnt little would harm it.
END_OF_RAMP = 0.5


class SEZSLTransformer(BaseFeatureGenerator):
    """Generator of features by an autoencoder with feedback of a regressor (SE).

    A variational autoencoder reconstructs the features of seen classes, and its decoder is told
    the class embedding, so that it makes features of any class. A regressor learns to tell the
    class embedding from features, and instructs the decoder: generated features must be of the
    class that they were generated for, and lead the encoder back to the noise that they were
    generated from [1]_. As the `transformer` of :class:`~skcada.GZSLClassifier` it trains a
    classifier on the real features of seen classes and on generated ones of unseen classes.

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

    feedback : float, default=0.1
        Weight of the squared error of the regressor on generated features, in the decoder's loss.

    latent_feedback : float, default=0.1
        Weight of the squared error of the encoder on generated features, whose noise it must find,
        in the loss of the autoencoder.

    regressor_feedback : float, default=0.1
        Weight of generated features in the loss of the regressor. It rises linearly from 0 to this
        value in the first half of the training: features of a decoder that has learnt little would
        harm the regressor.

    feedback_classes : {"seen", "all"}, default="seen"
        The classes that features are generated for in training. "all" uses the embeddings of
        unseen classes, too, which other methods do not see in training; classes that are added
        afterwards have no part in it.

    encoder_layers, decoder_layers, regressor_layers : int, tuple or list of int
        Sizes of the hidden layers, by default (512,), (1024,) and (512,). An int is one layer.

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
        One row per epoch, the means over the rows: the terms of the autoencoder, unweighted,
        "reconstruction", "kl", "feedback" and "latent_feedback", those of the regressor,
        "regression" and "generated_regression", and "loss", the weighted total of the former.
        Terms of weight zero are left out.

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
    CVAETransformer : Without feedback; the encoder is told the class embedding.
    CLSWGANTransformer : Trains a generator against a critic.

    Notes
    -----
    The loss of the autoencoder for a row x of a class with the embedding a is ``|x - G(z, a)|^2 +
    KL(q(z | x) || N(0, 1)) + feedback |R(G(n, b)) - b|^2 + latent_feedback |E(G(n, b)) - n|^2``,
    where z is drawn from q, E is its mean, n is standard normal and b the embedding of a class
    that is drawn. The loss of the regressor R is ``|R(x) - a|^2 + regressor_feedback |R(G(n, b)) -
    b|^2``. Each batch is a step of the regressor and then one of the autoencoder, which leaves the
    regressor as it is: otherwise the two would agree on a code of their own.

    Neither the text nor code of [1]_ could be read; the equations are as they are recalled, and all
    weights and sizes were chosen anew. A further term of the paper, the log-likelihood of generated
    features, is constant for squared errors and left out. The comparison in the CADA-VAE paper, on
    ResNet features, has these S, U and H in percent: CUB 53.3, 41.5, 46.7; SUN 30.5, 40.9, 34.9;
    AWA1 67.8, 56.3, 61.5; AWA2 68.1, 58.3, 62.8.

    References
    ----------
    .. [1] V. K. Verma, G. Arora, A. Mishra, P. Rai, "Generalized Zero-Shot Learning via Synthesized
       Examples", CVPR 2018.

    Examples
    --------
    >>> from skcada import GZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> from skcada.generation import SEZSLTransformer
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> transformer = SEZSLTransformer(max_iter=5)
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
        "feedback": [Interval(Real, 0, None, closed="left")],
        "latent_feedback": [Interval(Real, 0, None, closed="left")],
        "regressor_feedback": [Interval(Real, 0, None, closed="left")],
        "feedback_classes": [StrOptions({"seen", "all"})],
        "encoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "decoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "regressor_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
    }

    _private_parts: ClassVar[dict] = {"network_": ConditionalVAE}

    def __init__(
        self,
        latent_size: int = 50,
        *,
        class_embeddings: Any = None,
        feedback: float = 0.1,
        latent_feedback: float = 0.1,
        regressor_feedback: float = 0.1,
        feedback_classes: Literal["seen", "all"] = "seen",
        encoder_layers: int | Sequence[int] = (512,),
        decoder_layers: int | Sequence[int] = (1024,),
        regressor_layers: int | Sequence[int] = (512,),
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
        self.feedback = feedback
        self.latent_feedback = latent_feedback
        self.regressor_feedback = regressor_feedback
        self.feedback_classes = feedback_classes
        self.encoder_layers = encoder_layers
        self.decoder_layers = decoder_layers
        self.regressor_layers = regressor_layers
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
    ) -> Trainer[SEObjective]:
        n_features, n_dimensions = data.features.shape[1], vectors.shape[1]
        network = ConditionalVAE(
            n_features,
            n_dimensions,
            self.latent_size,
            encoder_layers=read_layers("encoder_layers", self.encoder_layers),
            decoder_layers=read_layers("decoder_layers", self.decoder_layers),
            sees_embedding=False,
            generator=generator,
        )
        regressor_layers = read_layers("regressor_layers", self.regressor_layers)
        objective = SEObjective(
            network,
            make_regressor(n_features, regressor_layers, n_dimensions, generator),
            data,
            vectors if self.feedback_classes == "all" else data.vectors,
            feedback=self.feedback,
            latent_feedback=self.latent_feedback,
            regressor_feedback=Ramp(self.regressor_feedback, 0.0, END_OF_RAMP),
            max_iter=self._count_epochs(len(data.features)),
            learning_rate=self.learning_rate,
        )
        return self._train_by(objective, generator)

    def _warn_of_collapse(self, data: Rows) -> None:
        last = self.loss_curve_.iloc[-1]
        warn_of_idle_noise(last["kl"], last["reconstruction"] / measure_variance(data.features))
