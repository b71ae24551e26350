"""The classifier known as SJE: a bilinear form trained by the largest hinge."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike

from skcada._intervals import Interval
from skcada._nn.ranking import structured_hinge
from skcada._training.ranking import RankingLoss
from skcada.compatibility._ranking import BaseRankingClassifier
from skcada.compatibility._scaling import Scaling


class SJEClassifier(BaseRankingClassifier):
    r"""Score features against class embeddings, trained by the largest hinge.

    "Evaluation of output embeddings for fine-grained image classification" [1]_, known as
    structured joint embedding, SJE. A matrix :math:`W` maps features to class embeddings. The score
    :math:`s_c(x) = x^\top W a_c` of the own class should lead that of every other class by a
    margin, and the class that violates this most moves the matrix.

    Parameters
    ----------
    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        The side information about every class, seen and unseen: a DataFrame indexed by class
        label, an array whose row i belongs to class i, a dict of class label to vector, or a dict
        of modality name to one of these. Modalities are scaled one by one and put side by side,
        and every class needs all of them. None describes each class by nothing but its identity,
        which makes an ordinary linear classifier.

    margin : float, default=1.0
        By how much the score of the own class should lead that of each other class. Where features
        and embeddings are scaled, it only sets the unit of scores: half the margin with half the
        step gives the same predictions.

    learning_rate : float, default=30.0
        Step size of stochastic gradient descent, which follows the mean loss of a batch.

    max_iter : int or "auto", default="auto"
        Number of epochs. "auto" takes the one with the best mean AUSUC on folds that hold out
        classes (see `cv`), of up to twelve numbers, and the largest of these where nothing can be
        held out. The largest is that of 400,000 visits to rows, but at least 20 and at most 200.

    batch_size : int, default=64
        Rows per step, at most.

    feature_scaling : {"unit", "raw"}, default="unit"
        "unit" scales each row to length one and subtracts the mean of the training rows, so that
        the margin and the step mean the same for features of any scale. "raw" takes features as
        they are.

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
        Controls the order of the rows, and the folds where `cv` is None. Pass an int for
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

    compatibility_ : ndarray of shape (n_features, n_dimensions)
        The matrix :math:`W`. The scores of scaled rows ``x`` are
        ``x @ compatibility_ @ scaled_embeddings_.T`` divided by `mean_lead_`.

    feature_mean_ : ndarray of shape (n_features,)
        What is subtracted from scaled rows; zero if `feature_scaling` is "raw".

    scaled_embeddings_ : ndarray of shape (n_classes, n_dimensions)
        Scaled class embeddings, in the order of `classes_`.

    mean_lead_ : float
        How far the score of the own class lies above the mean of the classes with rows, on average
        over the training rows and before the division by it. Where it does not, 1. Of more than
        4096 rows, some from all over the data are taken.

    loss_curve_ : DataFrame of shape (`n_iter_`, 1)
        Column "ranking": the mean loss of a row in each epoch.

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
    ALEClassifier : Weight the classes that violate the margin by the rank of the own class.
    DeViSEClassifier : Train by all classes that violate the margin.
    ESZSLClassifier : A bilinear form in closed form.
    skcada.model_selection.TunedSeenPenaltyClassifierCV : Choose `seen_penalty`.

    Notes
    -----
    The loss of a row of class :math:`y` is the hinge of structured support vector machines,

    .. math:: \max_c \left(\Delta(y, c) + s_c(x) - s_y(x)\right),

    with :math:`\Delta` the margin, and 0 for the own class itself.

    The loss is convex in :math:`W`, which starts at zero, so that it stays in the span of the seen
    class embeddings; the random start of the authors' code would leave noise in all other
    directions, which only unseen classes see. Descent has a constant step and no regularization
    but its end, the number of epochs. The matrix is the mean of those after each epoch, which is
    steadier than the last one. Scores are divided by a positive number, after which the own class
    of training rows leads by 1 on average, so that a penalty that was tuned on folds suits the
    final fit. No prediction changes by that.

    The harmonic means that were published [2]_ are 33.6 on CUB, 19.8 on SUN, 19.6 on AWA1 and 14.4
    on AWA2, in percent, with features of a ResNet and attributes. The authors learn weights of
    several kinds of class embeddings; here they are put side by side, each scaled by itself. The
    authors' text and code could not be read; the margin of 1 is not verified.

    References
    ----------
    .. [1] Z. Akata, S. Reed, D. Walter, H. Lee and B. Schiele, "Evaluation of output embeddings
       for fine-grained image classification", CVPR, 2015.
    .. [2] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.compatibility import SJEClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> model = SJEClassifier(
    ...     class_embeddings=problem.class_embeddings, max_iter=20, random_state=0
    ... )
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseRankingClassifier._parameter_constraints,
        "margin": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        margin: float = 1.0,
        learning_rate: float = 30.0,
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int = 64,
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
        self.margin = margin
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.checkpoint = checkpoint
        self.device = device
        self.random_state = random_state

    def _make_loss(self, n_classes: int, device: torch.device) -> RankingLoss:
        margin = self.margin
        return lambda scores, class_codes, draw: structured_hinge(scores, class_codes, margin)
