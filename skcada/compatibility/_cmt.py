"""The classifier known as CMT: a network that maps features to class embeddings."""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_random_state, gen_batches

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._intervals import Interval
from skcada._sklearn import StrOptions
from skcada._training import Trainer, resolve_device, seeded_generator
from skcada._training.cmt import CMTObjective, Solver
from skcada.compatibility._iterative import BaseIterativeClassifier
from skcada.compatibility._novelty import fit_variances, log_density, train_seen_softmax
from skcada.compatibility._scaling import Scaling
from skcada.compatibility._training_set import TrainingSet

# Of the log-densities of training rows, the share that lies below the threshold of novelty.
QUANTILE = 0.05
# Rows whose densities are computed at once, so that densities of all classes take little memory.
CHUNK_SIZE = 4096


class CMTClassifier(BaseIterativeClassifier):
    r"""Map features to class embeddings by a network, and take the nearest class.

    "Zero-shot learning through cross-modal transfer" [1]_, CMT for short. A network with one hidden
    layer of tanh is trained to map each row to the embedding of its class. A row belongs to the
    class whose embedding is nearest, or, with `novelty`, to an unseen one where no seen class is
    near.

    Parameters
    ----------
    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        The side information about every class, seen and unseen: a DataFrame indexed by class
        label, an array whose row i belongs to class i, a dict of class label to vector, or a dict
        of modality name to one of these. Modalities are scaled one by one and put side by side,
        and every class needs all of them. None describes each class by nothing but its identity,
        which makes an ordinary classifier.

    hidden_size : int, default=200
        Number of hidden units.

    alpha : float, default=1e-4
        Weight of half the squared weights and biases, beside half the mean squared distance.

    solver : {"adam", "lbfgs"}, default="adam"
        "adam" trains by minibatches, "lbfgs" by iterations over all rows, as the authors do, each
        of which counts as an epoch.

    learning_rate : float, default=1e-3
        Learning rate of Adam.

    max_iter : int or "auto", default="auto"
        Number of epochs. "auto" takes the one with the best mean AUSUC on folds that hold out
        classes (see `cv`), of up to twelve numbers, and the largest of these where nothing can be
        held out. The largest is that of 400,000 visits to rows, but at least 20 and at most 200.

    batch_size : int, default=128
        Rows per step of Adam, at most.

    novelty : {"gaussian"} or None, default=None
        How to tell that a row is of an unseen class. None lets all classes compete by their
        distance, "gaussian" asks first whether the row is near enough to the seen ones. See Notes.

    feature_scaling : {"unit", "raw"}, default="unit"
        "unit" scales each row to length one and subtracts the mean of the training rows, so that
        the learning rate and `alpha` mean the same for features of any scale. "raw" takes features
        as they are.

    embedding_scaling : {"unit", "raw"}, default="unit"
        "unit" subtracts the mean embedding of the seen classes and scales each class embedding to
        length one, "raw" takes embeddings as they are.

    unseen_classes : array-like of shape (n_unseen_classes,) or None, default=None
        Classes that count as unseen although `y` has rows of them, which train the model as all
        rows do. Classes without rows are unseen in any case.

    label_space : {"all", "unseen"}, default="all"
        The classes to tell apart: all, or only the unseen ones.

    seen_penalty : float, default=0.0
        Number that is subtracted from the scores of seen classes.

    cv : int, cross-validator, iterable or None, default=None
        The folds on which "auto" chooses. They must hold out whole classes, and rows of other
        classes. None is ``GZSLShuffleSplit(3)``, for the sake of time with a single split where
        there are 100 or more seen classes and more than 1000 features. Few-shot rows are in every
        training fold and in no test fold. Without class embeddings it has no effect.

    checkpoint : str, path-like or None, default=None
        File that keeps the training as it goes on. If it was cut off, :meth:`fit` with the same
        data and parameters goes on from there, and ends with the model of a training that was not.
        A file of another fit is refused. Needs a `random_state`. None keeps nothing.

    device : str or torch.device, default="auto"
        Where to train. "auto" takes the accelerator of the machine if there is one.

    random_state : int, RandomState instance or None, default=None
        Controls the start, the order of the rows, and the folds where `cv` is None. Pass an int for
        reproducible results across calls.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The sorted labels of the classes that are told apart.

    seen_classes_ : ndarray of shape (n_seen_classes,)
        The sorted labels of the classes in `y` that are not in `unseen_classes`.

    unseen_classes_ : ndarray of shape (n_unseen_classes,)
        The sorted labels of the other classes that have an embedding.

    class_embeddings_ : DataFrame, dict of str to DataFrame, or None
        The class embeddings of all classes, indexed by class label and sorted; one table per
        modality where there are several. None where none were given.

    coefs_ : list of 2 ndarrays
        The matrices of the hidden layer, (n_features, hidden_size), and of the output layer,
        (hidden_size, n_dimensions), for scaled rows.

    intercepts_ : list of 2 ndarrays
        The biases of both layers.

    novelty_means_ : ndarray of shape (n_seen_classes, n_dimensions)
        Where the Gaussians of seen classes lie, their scaled embeddings. This and what follows, up
        to the biases of the softmax, are there only with ``novelty="gaussian"``.

    novelty_variances_, novelty_priors_ : ndarray of shape (n_seen_classes,)
        The variances of the Gaussians, and the shares of the rows, in the order of `seen_classes_`.

    novelty_threshold_ : float
        The log-density in nats below which a row counts as unseen.

    softmax_coef_ : ndarray of shape (n_seen_classes, n_features)
        Weights of the softmax that tells seen classes apart, for scaled rows.

    softmax_intercept_ : ndarray of shape (n_seen_classes,)
        Its biases.

    feature_mean_ : ndarray of shape (n_features,)
        What is subtracted from scaled rows; zero if `feature_scaling` is "raw".

    scaled_embeddings_ : ndarray of shape (n_classes, n_dimensions)
        Scaled class embeddings, in the order of `classes_`.

    mean_lead_ : float
        How far the score of the own class lies above the mean of the classes with rows, on average
        over the training rows and before the division by it. Where it does not, and with `novelty`,
        1. Of more than 4096 rows, some from all over the data are taken.

    loss_curve_ : DataFrame of shape (`n_iter_`, 1)
        Column "objective": what is minimised, in each epoch.

    n_iter_ : int
        Number of epochs run.

    cv_results_ : dict of str to ndarray of shape (n_candidates,)
        The numbers of epochs that "auto" chose from, ``"max_iter"``, to be made a DataFrame; the
        AUSUC on each fold, ``"split0_test_score"`` and so on, and ``"mean_test_score"``, which is
        NaN where there was no fold.

    device_ : torch.device
        Where it was trained.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they were strings.

    See Also
    --------
    ESZSLClassifier : A bilinear form in closed form.
    skcada.model_selection.TunedSeenPenaltyClassifierCV : Choose `seen_penalty`.

    Notes
    -----
    With :math:`f(x) = W_2 \tanh(W_1 x + b_1) + b_2` and :math:`a_i` the embedding of the class of
    row i, training minimises

    .. math:: \frac{1}{2n} \sum_i \|f(x_i) - a_i\|^2
        + \frac{\alpha}{2} (\|W_1\|^2 + \|b_1\|^2 + \|W_2\|^2 + \|b_2\|^2).

    The score of class c is :math:`-\|f(x) - a_c\|^2`, divided by a positive number, after which the
    own class of training rows leads by 1 on average. Weights start at uniform numbers up to the
    root of 6 / (n_features + hidden_size + n_dimensions), as in the authors' code.

    With ``novelty="gaussian"``, known as CMT*, each seen class has an isotropic Gaussian around its
    embedding, whose variance is the mean squared distance of its mapped rows in one dimension. A
    row whose log-density in the mixture of these is below the threshold belongs to the unseen class
    with the nearest embedding, any other to the seen class that a softmax of its features prefers.
    Scores within each group are log-probabilities less the highest of the group, and the
    log-density less the threshold is added to those of seen classes. So the highest score is the
    rule, `seen_penalty` raises the threshold in nats, and `mean_lead_` is 1. The threshold is the
    quantile of .05 of the log-densities of training rows; the penalty moves it, so that it needs no
    parameter of its own. Then, a class that joins by :meth:`with_class_embeddings` can change the
    scores of unseen classes, which are relative to the best of them. It changes no score of a seen
    class, and none at all without `novelty`.

    Training divides all rows by the root mean square of their entries, so that `alpha` and the
    learning rate mean the same for raw features of any scale. On held-out classes the AUSUC was .90
    on accented letters, where ESZSL had .84, but .14 on CUB described by attributes (.22), .28 on
    CUB described by sentences (.35) and .12 on emoji (.19). ``novelty="gaussian"`` lowered it on
    all that were tried, to .88, .09 and .16. Where the network fits the training rows too closely,
    every other row falls below the threshold, so tune the penalty.

    The authors' code also rewards sparse hidden units, estimates variances over all rows instead of
    those of a class, and sweeps the threshold; none of that is here. It has no features of a deep
    network, so that its numbers say little about the values here. Which network and settings gave
    the published harmonic means [2]_ could not be verified: 12.6 on CUB, 11.8 on SUN, 1.8 on AWA1
    and 1.0 on AWA2, in percent, without `novelty`.

    References
    ----------
    .. [1] R. Socher, M. Ganjoo, C. D. Manning and A. Y. Ng, "Zero-shot learning through cross-modal
       transfer", NeurIPS, 2013.
    .. [2] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.compatibility import CMTClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> model = CMTClassifier(
    ...     class_embeddings=problem.class_embeddings, max_iter=20, random_state=0
    ... )
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseIterativeClassifier._parameter_constraints,
        "hidden_size": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "solver": [StrOptions({"adam", "lbfgs"})],
        "novelty": [StrOptions({"gaussian"}), None],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        hidden_size: int = 200,
        alpha: float = 1e-4,
        solver: Solver = "adam",
        learning_rate: float = 1e-3,
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int = 128,
        novelty: Literal["gaussian"] | None = None,
        feature_scaling: Scaling = "unit",
        embedding_scaling: Scaling = "unit",
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        cv: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.class_embeddings = class_embeddings
        self.hidden_size = hidden_size
        self.alpha = alpha
        self.solver = solver
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.novelty = novelty
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.checkpoint = checkpoint
        self.device = device
        self.random_state = random_state

    def _make_trainer(
        self, data: TrainingSet, random_state: np.random.RandomState
    ) -> Trainer[CMTObjective]:
        trained, members = data.members
        generator = seeded_generator(random_state)
        objective = CMTObjective(
            data.rows,
            members,
            data.vectors[trained],
            hidden_size=self.hidden_size,
            alpha=self.alpha,
            solver=self.solver,
            learning_rate=self.learning_rate,
            device=resolve_device(self.device),
            generator=generator,
        )
        batch_size = self.batch_size if self.solver == "adam" else None
        return Trainer(objective, len(data.rows), batch_size=batch_size, generator=generator)

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        for name in [name for name in vars(self) if name.startswith(("novelty_", "softmax_"))]:
            delattr(self, name)  # of an earlier fit
        if self.novelty is not None:
            # First, so that callbacks can try what is learnt by then.
            is_kept, members = _find_seen(data, roles)
            self.softmax_coef_, self.softmax_intercept_ = train_seen_softmax(
                data.rows[is_kept],
                members,
                device=resolve_device(self.device),
                generator=seeded_generator(check_random_state(self.random_state)),
            )
        super()._learn(data, labels, roles, task)

    def _learnt_attributes(
        self, objective: CMTObjective, data: TrainingSet, roles: ClassRoles
    ) -> dict[str, Any]:
        hidden_matrix, hidden_bias, matrix, bias = objective.learnt_weights()
        coefs, intercepts = [hidden_matrix, matrix], [hidden_bias, bias]
        is_novel = self.novelty is not None
        return {
            "coefs_": coefs,
            "intercepts_": intercepts,
            # Scores of the rule with a threshold are in nats, as the threshold is.
            "mean_lead_": 1.0 if is_novel else self._measure_lead(data, objective.score),
            "device_": objective.device,
            **(_fit_gaussians(data, roles, coefs, intercepts) if is_novel else {}),
        }

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float32]:
        mapped = _project(rows, self.coefs_, self.intercepts_)
        return -euclidean_distances(mapped, vectors, squared=True).astype(np.float32)

    def _score_classes(self, X: NDArray) -> NDArray:
        if not hasattr(self, "novelty_threshold_"):
            return super()._score_classes(X)
        rows = self._scale_rows(X)
        mapped = _project(rows, self.coefs_, self.intercepts_)
        is_seen = self._is_seen_column
        scores = np.empty((len(rows), len(is_seen)))
        if is_seen.any():
            logits = rows.astype(np.float64) @ self.softmax_coef_.T + self.softmax_intercept_
            density = log_density(
                mapped, self.novelty_means_, self.novelty_variances_, self.novelty_priors_
            )
            lead = density - self.novelty_threshold_
            scores[:, is_seen] = _relative_to_best(logits) + lead[:, np.newaxis]
        if not is_seen.all():
            squared = euclidean_distances(mapped, self.scaled_embeddings_[~is_seen], squared=True)
            variance = self.novelty_priors_ @ self.novelty_variances_
            scores[:, ~is_seen] = _relative_to_best(-squared / (2 * variance))
        return scores


def _project(rows: NDArray, coefs: list[NDArray], intercepts: list[NDArray]) -> NDArray[np.float64]:
    """Map scaled rows into the space of class embeddings.

    It is in double precision, because densities of small variance enlarge rounding, which depends
    on how many rows are mapped at once.
    """
    hidden = np.tanh(rows.astype(np.float64) @ coefs[0] + intercepts[0])
    return hidden @ coefs[1] + intercepts[1]


def _relative_to_best(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores - scores.max(axis=1, keepdims=True)


def _find_seen(data: TrainingSet, roles: ClassRoles) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Mark the rows that are no shots, and return the position of their classes among the seen."""
    is_kept = ~roles.is_unseen[data.class_codes]
    return is_kept, np.flatnonzero(~roles.is_unseen).searchsorted(data.class_codes[is_kept])


def _fit_gaussians(
    data: TrainingSet, roles: ClassRoles, coefs: list[NDArray], intercepts: list[NDArray]
) -> dict[str, Any]:
    """Return the fitted attributes of the mixture of Gaussians, and the threshold."""
    is_kept, members = _find_seen(data, roles)
    means = data.vectors[~roles.is_unseen].astype(np.float64)
    mapped = _project(data.rows[is_kept], coefs, intercepts)
    variances = fit_variances(mapped, members, means)
    priors = np.bincount(members) / len(members)
    densities = [
        log_density(mapped[chunk], means, variances, priors)
        for chunk in gen_batches(len(mapped), CHUNK_SIZE)
    ]
    return {
        "novelty_means_": means,
        "novelty_variances_": variances,
        "novelty_priors_": priors,
        "novelty_threshold_": float(np.quantile(np.concatenate(densities), QUANTILE)),
    }
