"""The table: every public callable, each of its arguments, every kind of hostile value."""

import functools
import importlib
import itertools
import os
import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import hostile_values as hostile
import numpy as np
import pandas as pd
from hostile_values import Kind, anything, itself
from public_modules import MODULES
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions

import skcada
from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier, datasets, metrics
from skcada.compatibility import ESZSLClassifier
from skcada.inspection import LatentSpaceDisplay, SeenUnseenCurveDisplay, TrainingHistoryDisplay
from skcada.model_selection import (
    GZSLKFold,
    GZSLShuffleSplit,
    few_shot_split,
    gzsl_train_test_split,
)

PUBLIC = {
    name: value
    for module in map(importlib.import_module, MODULES)
    for name in module.__all__
    if callable(value := getattr(module, name))
}
# Nothing can be passed to them.
WITHOUT_INPUT = {
    "show_versions",
    "LatentSource",
    "Aligner",
    "CollapseWarning",
    "VersionWarning",
}
ESTIMATORS = {
    name: value
    for name, value in PUBLIC.items()
    if isinstance(value, type) and issubclass(value, BaseEstimator)
}

# ---- A tiny problem ------------------------------------------------------------------------------

CLASSES = np.array(["ant", "bat", "cat", "dog", "eel", "fox", "gnu", "hen"])
SEEN, UNSEEN = CLASSES[:6], CLASSES[6:]
_rng = np.random.default_rng(0)
EMBEDDINGS = pd.DataFrame(_rng.normal(size=(8, 4)), CLASSES, columns=["a0", "a1", "a2", "a3"])
_map = _rng.normal(size=(4, 5))


def _rows_of(labels: np.ndarray) -> np.ndarray:
    means = EMBEDDINGS.loc[labels].to_numpy() @ _map
    return means + 0.1 * _rng.normal(size=means.shape)


Y = np.repeat(SEEN, 5)
X = _rows_of(Y)
Y_NEW = np.repeat(CLASSES, 3)
X_NEW = _rows_of(Y_NEW)
CODES = np.arange(len(CLASSES))

# ---- Estimators that are fitted in a moment ------------------------------------------------------

VAE = {
    "latent_size": 2,
    "feature_encoder_layers": 4,
    "feature_decoder_layers": 4,
    "embedding_encoder_layers": 4,
    "embedding_decoder_layers": 4,
    "precision": "float32",
    "max_iter": 2,
    "random_state": 0,
}
GENERATOR = {"latent_size": 2, "encoder_layers": 4, "decoder_layers": 4}
CLOSED = {"feature_regularization": 1.0, "embedding_regularization": 1.0}
SETTINGS: dict[str, dict[str, Any]] = {
    "CADAVAETransformer": VAE,
    "ReViSETransformer": {"latent_size": 2, "max_iter": 2},
    "CVAETransformer": {**GENERATOR, "max_iter": 2},
    "SEZSLTransformer": {**GENERATOR, "regressor_layers": 4, "max_iter": 2},
    "CLSWGANTransformer": {"generator_layers": 4, "critic_size": 4, "max_iter": 2},
    "SoftmaxClassifier": {"max_iter": 2},
    "ESZSLClassifier": CLOSED,
    "SAEClassifier": {"regularization": 1.0},
    "SynCClassifier": {"regularization": 1.0, "similarity_scale": 1.0, "max_iter": 5, "tol": 0.1},
    "GZSLClassifier": {
        "transformer": CADAVAETransformer(**VAE),
        "classifier": SoftmaxClassifier(max_iter=1),
        "samples_per_class": (3, 3),
    },
    "GZSLVotingClassifier": {
        "estimators": [
            ("a", ESZSLClassifier(**CLOSED)),
            ("b", ESZSLClassifier(**CLOSED, feature_scaling="raw")),
        ]
    },
    "TunedSeenPenaltyClassifierCV": {
        "estimator": ESZSLClassifier(EMBEDDINGS, **CLOSED),
        "cv": GZSLShuffleSplit(1, unseen_size=2, random_state=0),
    },
}
# Beside them stand others whose input goes through the same code.
SIBLINGS = (
    "ALEClassifier",
    "CLSWGANTransformer",
    "CMTClassifier",
    "CVAETransformer",
    "DeViSEClassifier",
    "LatEmClassifier",
    "ReViSETransformer",
    "SAEClassifier",
    "SEZSLTransformer",
    "SJEClassifier",
    "SynCClassifier",
    "LatentSpaceDisplay",
    "SeenUnseenCurveDisplay",
)
# Those trained by a ranking loss or the like.
EPOCHS = {"max_iter": 2}


@functools.cache
def _fitted(name: str, form: str) -> bytes:
    """Fit an estimator on the tiny problem, and return it pickled."""
    model = ESTIMATORS[name](**SETTINGS.get(name, EPOCHS))
    model.set_params(random_state=0)
    parameters = model.get_params()
    rows = hostile.frame(X) if form == "named" else X
    labels = CODES[np.searchsorted(CLASSES, Y)] if form == "numbers" else Y
    table = EMBEDDINGS.to_numpy() if form == "numbers" else EMBEDDINGS
    for parameter in ("class_embeddings", "estimator__class_embeddings"):
        if parameter in parameters:
            model.set_params(**{parameter: table})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", skcada.exceptions.CollapseWarning)
        return pickle.dumps(model.fit(rows, labels))


def fitted(name: str, form: str = "") -> Any:
    """Return a copy of an estimator that is fitted on the tiny problem.

    The `form` of the problem has "named" columns, or labels that are "numbers".
    """
    return pickle.loads(_fitted(name, form))


def answer_of(model: Any) -> Any:
    """Return what a fitted estimator answers to new rows."""
    rows = hostile.frame(X_NEW) if hasattr(model, "feature_names_in_") else X_NEW
    return model.decision_function(rows) if hasattr(model, "predict") else model.transform(rows)


# ---- The table -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Subject:
    """A public callable with good arguments, of which one at a time becomes hostile."""

    name: str
    call: Callable[..., Any]
    arguments: dict[str, Any]
    kinds: dict[str, list[Kind]]
    # What `fitted` is called with.
    model: tuple[str, ...] = ()
    # What messages may call an argument besides its name.
    names: dict[str, str] = field(default_factory=dict)

    @property
    def is_alone(self) -> bool:
        """Whether each argument is passed alone, the others having defaults."""
        return any(good is None for good in self.arguments.values())


@dataclass(frozen=True)
class Case:
    """One hostile value for one argument."""

    subject: Subject
    argument: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.subject.name}-{self.argument}-{self.kind.name}"


def optional(kinds: list[Kind], *accepted: str) -> list[Kind]:
    """Return kinds of which those with the given names may be accepted."""
    return [Kind(k.name, k.make, anything) if k.name in accepted else k for k in kinds]


_turns = itertools.count()


def in_turn(kinds: list[Kind]) -> list[Kind]:
    """Return a quarter of the kinds, at each call another one."""
    return kinds[next(_turns) % 4 :: 4]


def without(kinds: list[Kind], *names: str) -> list[Kind]:
    """Return kinds without some, by their names."""
    return [kind for kind in kinds if kind.name not in names]


def _is_number(value: Any, interval: Interval) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, interval.type):
        return False
    if isinstance(value, Integral) and not -(2**63) <= value < 2**63:
        return False
    if isinstance(value, Fraction):
        return False
    return bool(np.isfinite(float(value))) and float(value) in interval


# Parameters that hold several values or an estimator, by the end of their name, and what of the
# hostile values they may take.
CONTAINERS = {
    "_layers": {"empty list", "empty tuple"},
    "_warmup": set(),
    "samples_per_class": set(),
    "estimators": set(),
    "estimator": set(),
    "class_embeddings": {"None"},
    "unseen_classes": {"None", "empty list", "empty tuple"},
    "weights": {"None", "(0.5, 0.1)", "(True, 1)", "array"},
    "cv": {"None"},
    "memory": {"None", "text", "empty text"},
    "checkpoint": {"None", "text"},
    "device": set(),
    "transformer": {"None"},
    "classifier": {"None"},
    "n_jobs": {"None"},
    "random_state": {"None", "True", "NumPy True", "0"},
}


def may_take(parameter: str, constraints: list[Any], name: str, value: Any) -> bool:
    """Tell whether a parameter may take a value; written apart from the code that decides it."""
    taken = next((t for end, t in CONTAINERS.items() if parameter.endswith(end)), set())
    if name in taken:
        return True
    for constraint in constraints:
        if isinstance(constraint, Interval) and _is_number(value, constraint):
            return True
        if constraint == "boolean" and isinstance(value, bool | np.bool_):
            return True
        if constraint is None and value is None:
            return True
        if isinstance(constraint, StrOptions) and isinstance(value, str):
            return value in constraint.options
        if constraint is Real and isinstance(value, Real) and not isinstance(value, bool):
            return False
    return False


def parameter_kinds(parameter: str, constraints: list[Any]) -> list[Kind]:
    """Return the hostile values of a parameter."""
    has_parts = any(parameter.endswith(end) for end in CONTAINERS) or "array-like" in constraints
    names = hostile.PARAMETERS if has_parts else hostile.NUMBERS_AND_TEXTS
    return [
        Kind(
            name,
            lambda _, value=value: value,
            anything if may_take(parameter, constraints, name, value) else None,
        )
        for name, value in ((name, hostile.PARAMETERS[name]) for name in names)
        # Processes take seconds to start.
        if (parameter, name) != ("n_jobs", "-1")
    ]


def _fit(model: Any, X: Any, y: Any) -> Any:
    return answer_of(model.fit(X, y))


def _fit_embeddings(model: Any, class_embeddings: Any) -> Any:
    return answer_of(model.fit(X, Y, class_embeddings=class_embeddings))


# Parameters that play a role only beside others.
AUTO = ("regularization", "feature_regularization", "similarity_scale", "max_iter")
BESIDE = {"cv": dict.fromkeys(AUTO, "auto")}


def set_parameter(model: Any, name: str, value: Any) -> None:
    """Set a parameter of a model, and others so that it plays a role."""
    for beside, other in BESIDE.get(name, {}).items():
        constraints = type(model)._parameter_constraints.get(beside, [])
        if any(isinstance(c, StrOptions) and other in c.options for c in constraints):
            model.set_params(**{beside: other})
    # As the constructor does it: a vote reads its members in set_params.
    setattr(model, name, value)


def _fit_with(model: Any, **parameters: Any) -> Any:
    return model.fit(X, Y)


def _subjects_of_estimators() -> list[Subject]:
    subjects = []
    for name, cls in ESTIMATORS.items():
        model = (name,)
        takes_embeddings = "class_embeddings" in cls._get_param_names()
        knows_classes = takes_embeddings or name == "TunedSeenPenaltyClassifierCV"
        labels = hostile.LABELS if not knows_classes else hostile.KNOWN_LABELS
        inputs = {"X": hostile.ROWS, "y": labels}
        subjects.append(Subject(f"{name}.fit", _fit, {"X": X, "y": Y}, inputs, model))
        numbers = {"X": X, "y": np.searchsorted(CLASSES, Y)}
        if knows_classes:
            subjects.append(
                Subject(
                    f"{name}.fit(numbers)",
                    _fit,
                    numbers,
                    {"y": hostile.NUMBER_LABELS},
                    (name, "numbers"),
                )
            )
        if takes_embeddings:
            subjects.append(
                Subject(
                    f"{name}.fit",
                    _fit_embeddings,
                    {"class_embeddings": EMBEDDINGS},
                    {"class_embeddings": hostile.EMBEDDINGS},
                    model,
                )
            )
        subjects += _subjects_of_methods(name)
        subjects.append(
            Subject(
                f"{name}(...)",
                _fit_with,
                dict.fromkeys(cls._get_param_names()),
                {
                    p: parameter_kinds(p, cls._parameter_constraints[p])
                    for p in cls._get_param_names()
                },
                model,
            )
        )
    return subjects


def _partial_fit(model: Any, X: Any, y: Any) -> Any:
    return answer_of(model.partial_fit(X, y))


def _first_partial_fit(model: Any, classes: Any) -> Any:
    return answer_of(SoftmaxClassifier(random_state=0).partial_fit(X, Y, classes=classes))


ROW_METHODS = [
    "predict",
    "decision_function",
    "predict_proba",
    "predict_log_proba",
    "transform",
    "inverse_transform",
    "sample",
]


def _subjects_of_methods(name: str) -> list[Subject]:
    """Return the methods of an estimator that take rows or class embeddings."""
    subjects = []
    model = (name,)
    named = (name, "named")
    example = ESTIMATORS[name](**SETTINGS.get(name, EPOCHS))
    for method in ROW_METHODS:
        if not hasattr(example, method):
            continue
        # What comes back from the latent space of CADA-VAE has two dimensions.
        is_latent = (name, method) == ("CADAVAETransformer", "inverse_transform")
        rows = X_NEW[:, :2] if is_latent else X_NEW
        options = {"random_state": 0} if method == "sample" else {}

        def call(model: Any, X: Any, method: str = method, options: Any = options) -> Any:
            return getattr(model, method)(X, **options)

        # All methods read rows by the same code: each kind meets one of the others in turn.
        is_first = method in ("predict", "transform", "inverse_transform")
        kinds = {"X": hostile.NEW_ROWS if is_first else in_turn(hostile.NEW_ROWS)}
        subjects.append(Subject(f"{name}.{method}", call, {"X": rows}, kinds, model))
        if method != "inverse_transform":
            subjects.append(
                Subject(
                    f"{name}.{method}(named)",
                    call,
                    {"X": hostile.frame(X_NEW)},
                    {"X": hostile.NAMED_ROWS},
                    named,
                )
            )

    def score(model: Any, X: Any, y: Any) -> Any:
        return model.score(X, y)

    if hasattr(example, "score"):
        labels = {"X": X_NEW, "y": Y_NEW}
        kinds = {"X": in_turn(hostile.NEW_ROWS), "y": in_turn(hostile.KNOWN_LABELS)}
        if name == "SoftmaxClassifier":
            labels, kinds = {"X": X, "y": Y}, {"X": in_turn(hostile.NEW_ROWS)}
        subjects.append(Subject(f"{name}.score", score, labels, kinds, model))
    if hasattr(example, "partial_fit"):
        subjects.append(
            Subject(
                f"{name}.partial_fit",
                _partial_fit,
                {"X": X, "y": Y},
                {"X": hostile.NEW_ROWS, "y": hostile.KNOWN_LABELS},
                model,
            )
        )
        subjects.append(
            Subject(
                f"{name}.partial_fit",
                _first_partial_fit,
                {"classes": SEEN},
                {"classes": [*hostile.NO_LABELS, *hostile.SAME_LABELS, *hostile.UNKNOWN_LABELS]},
                model,
            )
        )
    numbers = [
        Kind(
            n,
            lambda _, v=v: v,
            anything if n == "0" else None,
        )
        for n, v in hostile.PARAMETERS.items()
        if n not in {"array"}
    ]

    def sample(model: Any, n_samples: Any) -> Any:
        return model.sample(X_NEW, n_samples=n_samples, random_state=0)

    def sample_embeddings(model: Any, class_embeddings: Any) -> Any:
        return model.sample(class_embeddings=class_embeddings, random_state=0)

    def transform_embeddings(model: Any, class_embeddings: Any) -> Any:
        return model.transform_embeddings(class_embeddings).sort_index()

    def with_class_embeddings(model: Any, class_embeddings: Any) -> Any:
        return answer_of(model.with_class_embeddings(class_embeddings))

    odd = ["misspelt label"]
    # Here classes may be missing, or be others.
    free = [
        "missing class",
        "misspelt label",
        "number labels",
        "all bytes",
        "10**30 labels",
        "datetime labels",
        "interval labels",
        "bool labels",
        "shuffled",
        "array without labels",
        "array with too few rows",
        "sparse without labels",
        "list without labels",
        "tensor",
        "modality named features",
        "dict of a modality",
        "bytes label",
        "object label",
        "tuple label",
        "polars without labels",
    ]
    tables = optional(hostile.EMBEDDINGS, *free)
    for method, call, kinds in [
        ("sample", sample_embeddings, tables),
        ("transform_embeddings", transform_embeddings, tables),
        (
            "with_class_embeddings",
            with_class_embeddings,
            [
                *without(optional(hostile.EMBEDDINGS, *free[:1], "modality named features"), *odd),
                Kind("misspelt label", hostile.misspelt, anything, warns="exactly as it describes"),
            ],
        ),
    ]:
        if hasattr(example, method):
            arguments = {"class_embeddings": EMBEDDINGS}
            subjects.append(
                Subject(f"{name}.{method}", call, arguments, {"class_embeddings": kinds}, model)
            )
    if hasattr(example, "sample"):
        subjects.append(
            Subject(f"{name}.sample", sample, {"n_samples": 1}, {"n_samples": numbers}, model)
        )

    def set_params(model: Any, name: Any) -> Any:
        return model.set_params(**{name: 1}) and None

    unknown = [
        Kind(k, lambda _, k=k: k, names=".")
        for k in ("", "nonsense", "transformer__nonsense", "a__b", "__", "classifier__nonsense")
    ]
    subjects.append(
        Subject(f"{name}.set_params", set_params, {"name": ""}, {"name": unknown}, model)
    )
    for parameter in ("seen_penalty", "weights"):
        if parameter not in type(example)._get_param_names():
            continue

        def predict(model: Any, parameter: str = parameter, **value: Any) -> Any:
            return model.set_params(**value).predict(X_NEW) is None

        constraints = type(example)._parameter_constraints[parameter]
        subjects.append(
            Subject(
                f"{name}.predict",
                predict,
                {parameter: None},
                {parameter: parameter_kinds(parameter, constraints)},
                model,
            )
        )
    return subjects


# ---- Functions -----------------------------------------------------------------------------------

_scores = np.random.default_rng(1).normal(size=(len(Y_NEW), len(CLASSES)))
_predicted = CLASSES[_scores.argmax(axis=1)]
SCORES = [
    Kind("None", lambda s: None),
    Kind("text", lambda s: "scores"),
    Kind("object", lambda s: object()),
    Kind("scalar", lambda s: 1.0),
    Kind("one dimension", lambda s: s[:, 0]),
    Kind("three dimensions", lambda s: s[None]),
    Kind("one column less", lambda s: s[:, :-1]),
    Kind("one column more", lambda s: np.column_stack([s, s[:, 0]])),
    Kind("one row less", lambda s: s[:-1]),
    Kind("no rows", lambda s: s[:0]),
    Kind("empty list", lambda s: []),
    Kind("ragged", lambda s: [[1.0], *s.tolist()[1:]]),
    Kind("NaN", lambda s: hostile.with_entry(s, np.nan)),
    Kind("all NaN", lambda s: np.full(s.shape, np.nan)),
    Kind("inf", lambda s: hostile.with_entry(s, np.inf), anything),
    Kind("-inf", lambda s: hostile.with_entry(s, -np.inf), anything),
    Kind("1e300", lambda s: s * 1e300, anything),
    Kind("10**400", lambda s: hostile.with_entry(s, 10**400, object)),
    Kind("labels", lambda s: np.full(s.shape, "ant")),
    Kind("texts of numbers", lambda s: s.astype(str)),
    Kind("objects", lambda s: hostile.with_entry(s, object(), object)),
    Kind("object numbers", lambda s: s.astype(object), itself),
    Kind("complex", lambda s: s.astype(complex)),
    Kind("datetimes", lambda s: np.full(s.shape, np.datetime64("2020-01-01"))),
    Kind("masked", lambda s: np.ma.array(s, mask=s > 1)),
    Kind("nothing masked", lambda s: np.ma.array(s), itself),
    Kind("sparse", lambda s: hostile.sp.csr_matrix(s)),
    Kind("bool", lambda s: s > 0, lambda s: (s > 0).astype(float)),
    Kind("integers", lambda s: (s * 10).astype(int), lambda s: (s * 10).astype(int).astype(float)),
    Kind("list", lambda s: s.tolist(), itself),
    Kind("frame", lambda s: pd.DataFrame(s, columns=CLASSES), itself),
    Kind("frame in another order", lambda s: pd.DataFrame(s, columns=CLASSES[::-1])),
    Kind("pandas NA", lambda s: pd.DataFrame(s).astype("Float64").mask(s > 1)),
    Kind("nullable", lambda s: pd.DataFrame(s).astype("Float64"), itself),
    Kind("generator", lambda s: (row for row in s)),
    Kind("set", lambda s: set(s.ravel().tolist())),
    Kind("dict", lambda s: {"a": s}),
    Kind("unconvertible", lambda s: hostile.Unconvertible()),
]
LABEL_LIST = [*hostile.NO_LABELS, *hostile.SAME_LABELS, *hostile.UNKNOWN_LABELS]
COLUMNS = [
    *LABEL_LIST,
    Kind("repeated", lambda c: np.array([*c[:-1], c[0]])),
    Kind("one class less", lambda c: c[:-1]),
    Kind("one class more", lambda c: np.array([*c, "zebra"])),
]
NOT_ESTIMATORS = [
    *(Kind(n, lambda _, v=v: v, names="is a class") for n, v in hostile.PARAMETERS.items()),
    Kind("class", lambda _: ESZSLClassifier, names="is a class"),
    Kind("not fitted", lambda _: ESZSLClassifier(), names="ESZSLClassifier"),
    Kind("unfitted GZSLClassifier", lambda _: GZSLClassifier(), names="GZSLClassifier"),
    Kind("Ridge", lambda _: hostile_ridge(), names="Ridge|no seen_classes_"),
]


def hostile_ridge() -> Any:
    """Return a fitted estimator that knows nothing of classes."""
    from sklearn.linear_model import RidgeClassifier

    return RidgeClassifier().fit(X, Y)


def _function(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    kinds: dict[str, list[Kind]],
    name: str = "",
    **options: Any,
) -> Subject:
    name = name or function.__name__
    return Subject(name, function, arguments, kinds, **options)


def _parameters(function: Any, **accepted: set[str]) -> dict[str, list[Kind]]:
    """Return the hostile values of the parameters of a function, by its constraints."""
    constraints = function._skl_parameter_constraints
    return {
        name: optional(parameter_kinds(name, constraints[name]), *taken)
        for name, taken in accepted.items()
    }


def _subjects_of_metrics() -> list[Subject]:
    scored = {"y_true": Y_NEW, "y_score": _scores, "classes": CLASSES}
    of_scores = {"y_true": hostile.KNOWN_LABELS, "y_score": SCORES, "classes": COLUMNS}
    gzsl = {**scored, "seen_classes": SEEN}
    of_gzsl = {**of_scores, "seen_classes": LABEL_LIST}
    model = fitted("ESZSLClassifier")
    scorer = {"estimator": model, "X": X_NEW, "y": Y_NEW}
    of_scorer = {
        "estimator": NOT_ESTIMATORS,
        "X": hostile.NEW_ROWS,
        "y": hostile.KNOWN_LABELS,
    }
    predicted = {"y_true": Y_NEW, "y_pred": _predicted}
    # Predictions may be of other classes than those that have rows.
    others = ["unknown label", "misspelt label", "empty text"]
    unlike = optional(hostile.UNKNOWN_LABELS, *others, "texts of numbers")
    of_predicted = {
        "y_true": [*hostile.LABELS, *unlike],
        "y_pred": [*hostile.LABELS, *unlike],
    }
    # Here a seen class may lack rows, and all may: then the message is about y_true.
    seen = [
        *without(LABEL_LIST, "texts of numbers"),
        Kind("texts of numbers", lambda s: np.arange(len(s)).astype(str), names="a seen class"),
    ]
    hit = metrics.hit_at_k_score
    labels = {"labels": CLASSES[:3]}
    of_labels = {"labels": optional(LABEL_LIST, "None")}
    return [
        _function(metrics.gzsl_scores, gzsl, of_gzsl),
        _function(metrics.seen_unseen_curve, gzsl, of_gzsl),
        _function(metrics.seen_unseen_auc_score, gzsl, of_gzsl),
        _function(
            hit,
            {**scored, **labels, "k": 1},
            {**of_scores, **of_labels, **_parameters(hit, k=set())},
        ),
        _function(
            metrics.per_class_accuracy_score,
            {**predicted, **labels},
            {**of_predicted, **of_labels},
        ),
        _function(
            metrics.harmonic_mean_score,
            {**predicted, "seen_classes": SEEN},
            {**of_predicted, "seen_classes": optional(seen, *others)},
        ),
        _function(metrics.gzsl_scorer, scorer, of_scorer),
        _function(metrics.harmonic_mean_scorer, scorer, of_scorer),
    ]


GROUPS = [
    Kind("scalar", lambda g: 3),
    Kind("text", lambda g: "groups"),
    Kind("object", lambda g: object()),
    Kind("one group less", lambda g: g[:-1]),
    Kind("empty", lambda g: []),
    Kind("None entry", lambda g: [None, *g[1:]]),
    Kind("NaN", lambda g: hostile.replaced(g, np.nan, dtype=float)),
    Kind("pd.NA", lambda g: hostile.replaced(g, pd.NA)),
    Kind("masked", lambda g: np.ma.array(g, mask=np.arange(len(g)) == 1)),
    Kind("two columns", lambda g: np.column_stack([g, g])),
    Kind("one column", lambda g: np.reshape(g, (-1, 1)), itself, warns="column-vector"),
    Kind("ragged", lambda g: [[1], [1, 2]] * (len(g) // 2)),
    Kind("lists", lambda g: [[1]] * len(g)),
    Kind("dicts", lambda g: [{}] * len(g)),
    Kind("incomparable", lambda g: hostile.replaced(g, hostile.Incomparable())),
    Kind("one group", lambda g: np.zeros(len(g), int)),
    Kind("texts", lambda g: [f"g{i}" for i in g], itself),
    Kind("floats", lambda g: g.astype(float), itself),
    Kind("categorical", lambda g: pd.Categorical(g, categories=[99, *dict.fromkeys(g)]), itself),
    Kind("generator", lambda g: (i for i in g)),
    Kind("set", lambda g: set(g)),
    Kind("sparse", lambda g: hostile.sp.csr_matrix(g[:, None])),
    Kind("unconvertible", lambda g: hostile.Unconvertible()),
]
# Rows of which a split reads no more than their number.
COUNTED = [
    Kind("None", lambda X: None),
    Kind("scalar", lambda X: 3.0),
    Kind("0-d", lambda X: np.array(3.0)),
    Kind("object", lambda X: object()),
    Kind("generator", lambda X: (row for row in X)),
    Kind("one row less", lambda X: X[:-1]),
    Kind("one row more", lambda X: [*X, X[0]]),
    Kind("empty", lambda X: []),
]


def _subjects_of_model_selection() -> list[Subject]:
    groups = np.arange(len(Y)) % 5
    subjects = []

    def split(cv: Any) -> Callable[..., Any]:
        def call(X: Any, y: Any, groups: Any = None) -> Any:
            return list(cv.split(X, y, groups))

        return call

    shuffled, folds = GZSLShuffleSplit(2, random_state=0), GZSLKFold(3)
    rows = {"X": X, "y": Y}
    others = ["numbers", "bools", "texts of numbers", "10**30", "one 10**30", "2**63"]
    unlike = optional(
        hostile.UNKNOWN_LABELS, "unknown label", "misspelt label", "empty text", *others, "10**400"
    )
    of_rows = {"X": optional(COUNTED, "None"), "y": [*hostile.LABELS, *unlike]}
    subjects += [
        _function(split(shuffled), rows, of_rows, "GZSLShuffleSplit.split"),
        _function(
            split(shuffled),
            {**rows, "groups": groups},
            {"groups": GROUPS},
            "GZSLShuffleSplit.split",
        ),
        _function(split(folds), rows, of_rows, "GZSLKFold.split"),
    ]

    def construct(cls: Any) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            return list(cls(**parameters).split(X, Y)) and None

        return call

    for cls, taken in [
        (GZSLShuffleSplit, {"n_splits": set(), "unseen_size": set(), "test_size": set()}),
        (GZSLKFold, {"n_splits": set(), "shuffle": set()}),
    ]:
        names = _parameters(cls.__init__, **taken, random_state=set())
        subjects.append(_function(construct(cls), dict.fromkeys(names), names, cls.__name__))

    def divide(X: Any = X, y: Any = Y, more: Any = groups, **options: Any) -> Any:
        options = {"unseen_size": 2, "test_size": 0.4, "random_state": 0, **options}
        return gzsl_train_test_split(X, y, more, **options)

    more = [*COUNTED[2:]]
    taken = {"unseen_size": set(), "test_size": set()}
    subjects += [
        _function(
            divide,
            rows,
            {"X": COUNTED[1:], "y": optional(of_rows["y"], "one column")},
            "gzsl_train_test_split",
        ),
        _function(
            divide,
            {"more": groups, "groups": groups, "unseen_classes": SEEN[:2]},
            {
                "more": more,
                "groups": GROUPS,
                "unseen_classes": optional(LABEL_LIST, "None"),
            },
            "gzsl_train_test_split",
            names={"more": "arrays"},
        ),
        _function(
            divide,
            {"unseen_size": None, "test_size": None, "random_state": None},
            _parameters(gzsl_train_test_split, **taken, random_state=set()),
            "gzsl_train_test_split",
        ),
    ]

    def shots(y: Any = Y, unseen_classes: Any = SEEN[:2], n_shots: Any = 1, **options: Any) -> Any:
        options = {"random_state": 0, **options}
        return few_shot_split(y, unseen_classes=unseen_classes, n_shots=n_shots, **options)

    subjects.append(
        _function(
            shots,
            {"y": Y, "unseen_classes": SEEN[:2], "n_shots": 1, "random_state": 0},
            {
                "y": [*without(hostile.LABELS, "one label less", "one label more"), *unlike],
                "unseen_classes": LABEL_LIST,
                **_parameters(few_shot_split, n_shots=set(), random_state=set()),
            },
            "few_shot_split",
        )
    )
    return subjects


def _subjects_of_datasets() -> list[Subject]:
    subjects = []
    make = datasets.make_gzsl_classification
    small = {
        "n_samples": 40,
        "n_features": 3,
        "n_seen_classes": 3,
        "n_unseen_classes": 2,
        "n_attributes": 2,
    }

    def generate(**parameters: Any) -> Any:
        return make(**{**small, **parameters}) and None

    names = {key: set() for key in make._skl_parameter_constraints}
    subjects.append(
        _function(
            generate,
            dict.fromkeys(names),
            _parameters(make, **names),
            "make_gzsl_classification",
        )
    )
    dump = datasets.dump_xlsa17
    rows = np.arange(len(Y_NEW))
    is_seen = np.isin(Y_NEW, SEEN)
    complete = {
        "folder": "dumped",
        "data": X_NEW,
        "target": Y_NEW,
        "class_embeddings": EMBEDDINGS,
        "trainval": rows[is_seen & (rows % 3 > 0)],
        "test_seen": rows[is_seen & (rows % 3 == 0)],
        "test_unseen": rows[~is_seen],
    }

    def write(**parameters: Any) -> Any:
        return dump(**{**complete, "overwrite": True, **parameters})

    names = _parameters(dump, **{name: set() for name in complete}, overwrite=set())
    names["folder"] = without(names["folder"], "text", "empty text")
    # Its own tests are about these, and about rows that are in two splits.
    del names["data"], names["target"]
    names["test_seen"] = without(names["test_seen"], "(0,)")  # a row of it
    subjects.append(
        _function(
            write,
            dict.fromkeys(names),
            names,
            "dump_xlsa17",
            names=dict.fromkeys(
                complete, "data|target|trainval|test_seen|test_unseen|class_embeddings"
            ),
        )
    )
    flags = {"return_X_y": set(), "as_frame": set()}
    folder = {"folder": set()}
    for function, taken, good in [
        (datasets.load_accented_letters, flags, {}),
        (datasets.load_segment_digits, {**flags, "unseen_classes": set()}, {}),
        (datasets.load_xlsa17, {**folder, **flags}, {"folder": "nowhere"}),
        (datasets.load_imagenet21k, folder, {"folder": "nowhere"}),
        (
            datasets.fetch_xlsa17,
            {"name": set(), **flags},
            {"name": "CUB", "download_if_missing": False, "data_home": "nowhere"},
        ),
        (
            datasets.load_sentence_embeddings,
            {"path": set(), "classes": set(), "key": set()},
            {"path": "nowhere", "classes": ["a"]},
        ),
    ]:

        def load(function: Any = function, good: Any = good, **parameters: Any) -> Any:
            return function(**{**good, **parameters}) and None

        kinds = _parameters(function, **taken)
        if "unseen_classes" in kinds:  # digits may be
            kinds["unseen_classes"] = without(kinds["unseen_classes"], "(0,)", "array")
        if good:
            # The files are missing: nothing can be accepted. An empty text is the current folder.
            kinds = {
                n: [k for k in v if k.equal is None and k.name != "empty text"]
                for n, v in kinds.items()
            }
        subjects.append(
            _function(
                load,
                dict.fromkeys(kinds),
                kinds,
                function.__name__,
                names=dict.fromkeys(kinds, "nonsense|nowhere"),
            )
        )
    return subjects


def _subjects_of_displays() -> list[Subject]:
    def curve_of(**arguments: Any) -> Any:
        return SeenUnseenCurveDisplay.from_predictions(**arguments).harmonic_mean

    def curve_from(**arguments: Any) -> Any:
        return SeenUnseenCurveDisplay.from_estimator(**arguments).harmonic_mean

    def curve_from_results(**arguments: Any) -> Any:
        return SeenUnseenCurveDisplay.from_cv_results(**arguments).harmonic_mean

    def latent_from(**arguments: Any) -> Any:
        arguments = {"random_state": 0, **arguments}
        return LatentSpaceDisplay.from_estimator(**arguments).features

    def history_from(**arguments: Any) -> Any:
        return TrainingHistoryDisplay.from_estimator(**arguments).loss_curve

    scored = {"y_true": Y_NEW, "y_score": _scores, "classes": CLASSES, "seen_classes": SEEN}
    of_scored = {
        "y_true": hostile.KNOWN_LABELS,
        "y_score": SCORES,
        "classes": COLUMNS,
        "seen_classes": LABEL_LIST,
    }
    results = fitted("TunedSeenPenaltyClassifierCV").cv_results_
    of_results = [
        Kind("None", lambda r: None),
        Kind("text", lambda r: "results"),
        Kind("scalar", lambda r: 3),
        Kind("object", lambda r: object()),
        Kind("empty", lambda r: {}),
        Kind("list", lambda r: list(r)),
        Kind("without S", lambda r: {k: v for k, v in r.items() if k != "mean_S"}),
        Kind("texts", lambda r: {key: ["a", "b"] for key in r}),
        Kind("scalars", lambda r: dict.fromkeys(r, 1.0)),
        Kind("NaN", lambda r: {k: np.full(len(v), np.nan) for k, v in r.items()}),
        Kind("one S less", lambda r: {**r, "mean_S": r["mean_S"][:-1]}),
        Kind("one U of a fold less", lambda r: {**r, "split0_U": r["split0_U"][:-1]}),
        Kind("empty columns", lambda r: {key: [] for key in r}),
        Kind("objects", lambda r: {key: [object()] for key in r}),
        Kind("lists", lambda r: {k: list(v) for k, v in r.items()}, itself),
        Kind("frame", lambda r: pd.DataFrame(r), itself),
    ]
    model, vae = fitted("ESZSLClassifier"), fitted("CADAVAETransformer")
    own = {"estimator": model, "X": X_NEW, "y": Y_NEW}
    of_own = {"X": hostile.NEW_ROWS, "y": hostile.KNOWN_LABELS}
    drawing = _parameters(
        SeenUnseenCurveDisplay.from_cv_results, curve_kwargs={"None"}, plot_isolines=set()
    )
    drawing["curve_kwargs"] = without(drawing["curve_kwargs"], "dict")
    seen_penalty = list(parameter_kinds("seen_penalty", [None]))
    latent = LatentSpaceDisplay.from_estimator
    return [
        _function(curve_of, scored, of_scored, "SeenUnseenCurveDisplay.from_predictions"),
        _function(
            curve_from,
            own,
            {"estimator": NOT_ESTIMATORS, **of_own},
            "SeenUnseenCurveDisplay.from_estimator",
        ),
        _function(
            curve_from_results,
            {"cv_results": results},
            {"cv_results": of_results},
            "SeenUnseenCurveDisplay.from_cv_results",
        ),
        _function(
            functools.partial(curve_from_results, cv_results=results),
            {"seen_penalty": None, **dict.fromkeys(drawing)},
            {"seen_penalty": seen_penalty, **drawing},
            "SeenUnseenCurveDisplay.from_cv_results",
        ),
        _function(
            latent_from,
            {"estimator": vae, "X": X_NEW, "y": Y_NEW, "class_embeddings": EMBEDDINGS},
            {
                "estimator": NOT_ESTIMATORS,
                **of_own,
                "class_embeddings": optional(hostile.EMBEDDINGS, "modality named features"),
            },
            "LatentSpaceDisplay.from_estimator",
        ),
        _function(
            functools.partial(latent_from, estimator=vae, X=X_NEW, y=Y_NEW),
            dict.fromkeys(["projection", "annotate", "n_generated", "random_state"]),
            _parameters(
                latent,
                projection={"None"},
                annotate={"empty list", "empty tuple", "True", "NumPy True"},
                n_generated=set(),
                random_state=set(),
            ),
            "LatentSpaceDisplay.from_estimator",
        ),
        _function(
            history_from,
            {"estimator": vae},
            {"estimator": NOT_ESTIMATORS},
            "TrainingHistoryDisplay.from_estimator",
        ),
    ]


@functools.cache
def subjects() -> list[Subject]:
    """Return every public callable that takes input."""
    return [
        *_subjects_of_estimators(),
        *_subjects_of_metrics(),
        *_subjects_of_model_selection(),
        *_subjects_of_datasets(),
        *_subjects_of_displays(),
    ]


def cases() -> list[Case]:
    """Return all cases of the table, of siblings a quarter unless the environment asks for all."""
    is_whole = "SKCADA_WHOLE_TABLE" in os.environ
    table = []
    for turn, subject in enumerate(subjects()):
        is_sibling = subject.name.startswith(SIBLINGS) and not is_whole
        for position, (argument, kinds) in enumerate(subject.kinds.items()):
            chosen = kinds[(turn + position) % 4 :: 4] if is_sibling else kinds
            table += [Case(subject, argument, kind) for kind in chosen]
    return table
