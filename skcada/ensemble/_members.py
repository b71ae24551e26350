"""What the members of an ensemble know about classes, and what they are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

from skcada._classes.labels import format_labels
from skcada._classes.roles import ClassRoles
from skcada._unwrap import find_owner, layers


class Member:
    """A member that is not fitted yet, and its part that takes class embeddings."""

    def __init__(self, name: str, estimator: Any) -> None:
        self.name = name
        self.estimator = estimator
        self.prefix, self.part = find_owner(estimator, "class_embeddings")

    @property
    def title(self) -> str:
        """The member as messages name it."""
        return f"the member {self.name!r} ({type(self.estimator).__name__})"

    @property
    def is_frozen(self) -> bool:
        """Whether it has been fitted before, and stays as it is."""
        return isinstance(self.part, FrozenEstimator)

    @property
    def own_embeddings(self) -> Any:
        """The class embeddings that it brings along, or None."""
        if self.is_frozen:
            published = (getattr(layer, "class_embeddings_", None) for layer in layers(self.part))
            return next((table for table in published if table is not None), None)
        given = getattr(self.part, "class_embeddings", None)
        if given is None and hasattr(self.part, "_inherited_embeddings"):
            return self.part._inherited_embeddings()
        return given

    def refuse_no_scores(self) -> None:
        """Raise unless it can score classes that have no rows."""
        lacks_scores = not hasattr(self.estimator, "decision_function")
        if self.part is None or lacks_scores:
            lacking = "no decision_function" if lacks_scores else "no parameter class_embeddings"
            raise TypeError(
                f"Members must score seen and unseen classes, but {self.title} has {lacking}. Use "
                "GZSL classifiers such as GZSLClassifier or ESZSLClassifier, pipelines that end in "
                "one, or refitted searches over one."
            )

    def tell(self, *, class_embeddings: Any, unseen_classes: Any, label_space: str) -> None:
        """Set what the ensemble knows wherever the member says nothing itself."""
        if self.is_frozen:
            return
        known = self.part.get_params(deep=False)
        told: dict[str, Any] = {}
        if self.own_embeddings is None:
            told["class_embeddings"] = class_embeddings
        if "unseen_classes" in known and known["unseen_classes"] is None:
            told["unseen_classes"] = unseen_classes
        if "label_space" in known and label_space == "unseen":
            told["label_space"] = label_space
        self.estimator.set_params(**{f"{self.prefix}{name}": told[name] for name in told})

    def refuse_other_roles(self, y: NDArray, roles: ClassRoles) -> None:
        """Raise, before any training, where its classes will not be those of the ensemble."""
        if self.is_frozen:
            check_classes(self.title, self.part, roles)
        elif hasattr(self.part, "_resolve_roles"):
            try:
                found = self.part._resolve_roles(y)
            except ValueError as error:
                raise ValueError(f"For {self.title}: {error}") from error
            _refuse_others(self.title, found.classes, roles.classes, "tells apart")
            _refuse_others(self.title, found.seen, roles.seen, "takes for seen")


def check_classes(title: str, fitted: Any, roles: ClassRoles) -> None:
    """Raise unless a fitted member has the classes of the ensemble, in the same order."""
    seen = next((x.seen_classes_ for x in layers(fitted) if hasattr(x, "seen_classes_")), None)
    if seen is None:
        raise TypeError(
            f"Members must have the attribute seen_classes_ once they are fitted, but {title} has "
            "none."
        )
    _refuse_others(title, fitted.classes_, roles.classes, "tells apart")
    _refuse_others(title, seen, roles.seen, "takes for seen")


def _refuse_others(title: str, found: NDArray, expected: NDArray, verb: str) -> None:
    if np.array_equal(found, expected):
        return
    known, wanted = pd.Index(found), pd.Index(expected)
    odd, lacking = known[~known.isin(wanted)], wanted[~wanted.isin(known)]
    differences = [
        f"{difference} {format_labels(labels)}"
        for difference, labels in (("lack", lacking), ("have besides", odd))
        if len(labels)
    ]
    raise ValueError(
        f"All members must have the same classes, but those that {title} {verb} "
        f"{' and '.join(differences) or 'are in another order'}. Give it embeddings of the same "
        "classes and the same unseen_classes and label_space as the ensemble, or leave these to "
        "the ensemble; if it is frozen, fit it on the same classes."
    )
