"""The parts of the benchmark, which take the arguments of the command and `sizes` among them."""

import tempfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from _paper.campaign import execute
from _paper.data import Xlsa17
from _paper.runs import OFFICIAL_SOFTMAX, OFFICIAL_VAE, RECIPES, Run
from _systems import SYSTEMS
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.utils import check_random_state

from _speed.baselines import PlainLoop, RankingFloor, RecordedSteps, StepFloor, predict_floor
from _speed.measures import Cases, measure_peak, tabulate, time_in_turn
from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada._training.batches import count_steps
from skcada._training.generators import Rows
from skcada.compatibility._training_set import TrainingSet
from skcada.datasets import make_gzsl_classification
from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer
from skcada.model_selection import GZSLShuffleSplit

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Sizes:
    """Sizes of what is measured and generated, by default those of CUB."""

    n_rows: int = 7057
    n_features: int = 2048
    n_seen: int = 150
    n_unseen: int = 50
    n_attributes: int = 312
    n_steps: int = 40  # per round
    samples_per_class: tuple[int, int] = (200, 400)
    n_test_rows: int = 20_000
    n_memory_rows: int = 500_000  # to predict when memory is measured
    growth: tuple[tuple[str, tuple[int, ...]], ...] = (
        ("n_rows", (5_000, 10_000, 20_000, 40_000)),
        ("n_seen", (50, 200, 800)),
        ("n_features", (256, 1024, 2048, 4096)),
    )
    layers: tuple[int, ...] = (1560, 1660, 1450, 665)

    def transformer(self, **parameters: Any) -> CADAVAETransformer:
        """Return a transformer of default settings, but on the CPU and seeded."""
        kinds = ("feature_encoder", "feature_decoder", "embedding_encoder", "embedding_decoder")
        parameters |= {f"{kind}_layers": n for kind, n in zip(kinds, self.layers, strict=True)}
        return CADAVAETransformer(device="cpu", random_state=0, **parameters)

    def one_epoch(self, **parameters: Any) -> CADAVAETransformer:
        """Return a transformer that is trained for one epoch at full loss weights."""
        warmups = {f"{weight}_warmup": (0.0, 0.0) for weight in ("beta", "gamma", "delta")}
        return self.transformer(**OFFICIAL_VAE | warmups | {"max_iter": 1} | parameters)

    def data(self) -> tuple[Any, Any, Any]:
        """Generate features, labels and attributes: noise, as no time depends on the values."""
        rng = np.random.default_rng(0)
        X = rng.random((self.n_rows, self.n_features), dtype=np.float32)
        n_classes = self.n_seen + self.n_unseen
        attributes = rng.random((n_classes, self.n_attributes), dtype=np.float32)
        return X, rng.permutation(np.arange(self.n_rows) % self.n_seen), attributes

    def classifier(self, transformer: Any, attributes: Any, **softmax: Any) -> GZSLClassifier:
        """Return a classifier of seen and unseen classes."""
        options = {"class_embeddings": attributes, "samples_per_class": self.samples_per_class}
        classifier = SoftmaxClassifier(device="cpu", **softmax)
        return GZSLClassifier(transformer, classifier=classifier, random_state=0, **options)


SIZES = {
    "full": Sizes(),
    "quick": Sizes(
        *(400, 64, 12, 4, 8, 4, (10, 20), 500, 20_000),
        growth=(("n_rows", (200, 400)), ("n_seen", (10, 20)), ("n_features", (16, 32))),
        layers=(48, 52, 44, 20),
    ),
}


def step(settings: Namespace, batch_size: int = 50) -> pd.DataFrame:
    """Time steps, as a fit of one epoch; only those of 50 rows have a plain loop beside them."""
    n_steps = settings.sizes.n_steps
    # So many rows that one epoch is n_steps steps, each of the full batch size.
    sizes = replace(settings.sizes, n_rows=n_steps * batch_size)
    data = sizes.data()
    cases: Cases = {}
    for precision, dtype in PRECISIONS.items():
        transformer = sizes.one_epoch(batch_size=batch_size, precision=precision).fit(*data)
        floor = StepFloor(transformer.network_, batch_size, dtype)
        cases[f"skcada, {precision}"] = partial(transformer.fit, *data)
        cases[f"floor, {precision}"] = partial(floor.run, n_steps)
    if batch_size == 50:
        cases["plain loop"] = partial(PlainLoop(transformer, *data).run, n_steps)
    seconds = time_in_turn(settings, cases)
    numbers = {name: [1000 * value / n_steps for value in v] for name, v in seconds.items()}
    floors = {f"skcada, {precision}": f"floor, {precision}" for precision in PRECISIONS}
    return tabulate("ms a step", numbers, plain="plain loop", floors=floors)


def fit(settings: Namespace) -> pd.DataFrame:
    """Time a fit by the authors' recipe, extrapolated, and one by default, in full."""
    sizes = settings.sizes
    X, y, attributes = sizes.data()
    untrained = sizes.one_epoch().fit(X, y, attributes)
    after_vae = sizes.classifier(FrozenEstimator(untrained), attributes, **OFFICIAL_SOFTMAX)
    default = sizes.classifier(sizes.transformer(), attributes)
    cases: Cases = {
        "plain VAE": partial(PlainLoop(untrained, X, y, attributes).run, sizes.n_steps),
        "after the VAE": partial(after_vae.fit, X, y),
        "skcada, default recipe": partial(default.fit, X, y),
    }
    for precision in PRECISIONS:
        cases[precision] = partial(sizes.one_epoch(precision=precision).fit, X, y, attributes)
    seconds = pd.DataFrame(time_in_turn(settings, cases, is_slow=True))
    n_epochs, n_steps = OFFICIAL_VAE["max_iter"], len(X) / OFFICIAL_VAE["batch_size"]
    # The softmax is that of skcada in each case: it takes about a hundredth of the time.
    epochs = {"plain loop": n_steps / sizes.n_steps * seconds["plain VAE"]}
    epochs |= {f"skcada, official recipe, {name}": seconds[name] for name in PRECISIONS}
    totals = {name: n_epochs * epoch + seconds["after the VAE"] for name, epoch in epochs.items()}
    totals["skcada, default recipe"] = seconds["skcada, default recipe"]
    note = "the default recipe is measured in full, others are extrapolated from steps or one epoch"
    return tabulate("s", totals, plain="plain loop", note=note)


def predict(settings: Namespace) -> pd.DataFrame:
    """Time predictions against their matrix products."""
    sizes = settings.sizes
    X, y, attributes = sizes.data()
    model = sizes.classifier(sizes.one_epoch(), attributes).fit(X, y)
    X_test = replace(sizes, n_rows=sizes.n_test_rows).data()[0]
    floor = partial(predict_floor, model.transformer_.network_, len(model.classes_), X_test)
    seconds = time_in_turn(settings, {"skcada": partial(model.predict, X_test), "floor": floor})
    return tabulate("s", seconds, floors={"skcada": "floor"})


def ranking(settings: Namespace) -> pd.DataFrame:
    """Time epochs of the systems that train one map by a ranking loss, by default settings."""
    X, y, attributes = settings.sizes.data()
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    data = TrainingSet(X - X.mean(axis=0), y, attributes - attributes.mean(axis=0))
    cases: Cases = {}
    for name in ("SJE", "ALE", "DeViSE"):
        model = SYSTEMS[name].make(device="cpu")
        trainer = model._make_trainer(data, check_random_state(0))
        cases[name] = trainer.run_epoch
    floors = dict.fromkeys(cases, "floor")
    batches = torch.arange(len(X)).tensor_split(count_steps(len(X), trainer.batch_size))
    objective = trainer.objective
    shape, n_classes = objective.maps.shape, len(objective.vectors)
    cases["floor"] = RankingFloor(objective.rows, batches, shape, n_classes).run
    seconds = time_in_turn(settings, cases)
    note = "the aim is an epoch of at most twice its matrix products, 0.5 or more"
    return tabulate("s an epoch", seconds, floors=floors, note=note)


def generators(settings: Namespace) -> pd.DataFrame:
    """Time steps of the models that generate features, by default settings, and what they multiply.

    A step of f-CLSWGAN is one of the critic; every fifth one is one of the generator, too.
    """
    sizes = settings.sizes
    X, y, attributes = sizes.data()
    X, y, vectors = X - X.mean(axis=0), torch.from_numpy(y), torch.from_numpy(attributes)
    data = Rows(torch.from_numpy(X), y, vectors[: sizes.n_seen])
    cases: Cases = {}
    floors = {}
    n_steps = 5
    for cls in (CVAETransformer, SEZSLTransformer, CLSWGANTransformer):
        trainer = cls()._make_trainer(data, data.vectors, torch.Generator().manual_seed(0))
        steps = RecordedSteps(trainer, n_steps)
        name = cls.__name__
        cases[name] = steps.run
        for kind, run in (("products", steps.multiply), ("floor", steps.multiply_and_update)):
            cases[f"{name}, {kind}"] = run
        floors[name] = f"{name}, products"
    seconds = time_in_turn(settings, cases)
    numbers = {name: [1000 * value / n_steps for value in v] for name, v in seconds.items()}
    note = "products: matrix products alone; floor: with a pass over the state of the optimisers"
    return tabulate("ms a step", numbers, floors=floors, note=note)


def systems(settings: Namespace) -> pd.DataFrame:
    """Time fits by default settings of the systems that CADA-VAE is compared with."""
    sizes = settings.sizes
    n_classes = sizes.n_seen + sizes.n_unseen
    # Not noise, from which nothing can be learnt: that would decide how long to train.
    problem = make_gzsl_classification(
        round(sizes.n_rows / (0.8 * sizes.n_seen)) * n_classes,
        sizes.n_features,
        n_seen_classes=sizes.n_seen,
        n_unseen_classes=sizes.n_unseen,
        n_attributes=sizes.n_attributes,
        random_state=0,
    )
    X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    known = {"class_embeddings": problem.class_embeddings, "random_state": 0}
    cases: Cases = {}
    for name, system in SYSTEMS.items():
        model = system.make(**known)
        # The device may be that of the transformer in it.
        devices = [key for key in model.get_params() if key.endswith("device")]
        model.set_params(**dict.fromkeys(devices, "cpu"))
        cases[name] = partial(model.fit, X, y)
    seconds = time_in_turn(settings, cases, is_slow=True)
    note = f"{len(X)} rows; default settings, which are chosen on classes that are held out"
    return tabulate("s", seconds, note=note)


def memory(settings: Namespace) -> pd.DataFrame:
    """Measure the memory of fits by default settings, but of two epochs, and of a prediction."""
    n_rows, n_many = settings.sizes.n_rows, settings.sizes.n_memory_rows
    frames = []
    for call, n in (("fit", n_rows), ("fit", 7 * n_rows), ("predict", n_many)):
        peak = measure_peak(settings.n_threads, _prepare, settings.sizes, call, n)
        n_input, above, total = (n_bytes / 1e6 for n_bytes in peak)
        case = f"{call} of {n} rows"
        numbers = {f"{case}, input and above": [n_input + above], f"{case}, process": [total]}
        bound, note = 1.3 * n_input + 500, "the bound is 1.3 x input + 500 MB"
        frames.append(tabulate("MB", numbers, bound=bound, note=note))
    return pd.concat(frames)


def _prepare(sizes: Sizes, call: str, n_rows: int) -> tuple[int, Callable[[], object]]:
    """Return the size of rows, and the fit to them or their prediction."""
    train = replace(sizes, n_rows=n_rows if call == "fit" else 2 * sizes.n_seen)
    X, y, attributes = train.data()
    model = sizes.classifier(sizes.transformer(max_iter=2), attributes)
    if call == "fit":
        return X.nbytes, partial(model.fit, X, y)
    X_test = replace(sizes, n_rows=n_rows).data()[0]
    return X_test.nbytes, partial(model.fit(X, y).predict, X_test)


def search(settings: Namespace) -> pd.DataFrame:
    """Time a search of 12 candidates that share a VAE kept on disk."""
    sizes = settings.sizes
    X, y, attributes = sizes.data()
    train, test = next(GZSLShuffleSplit(n_splits=1, random_state=0).split(X, y))
    grid = {"seen_penalty": np.linspace(0, 1, 6), "classifier__learning_rate": [2e-3, 5e-3]}
    model = sizes.classifier(sizes.transformer(), attributes)

    def run_search() -> None:
        with tempfile.TemporaryDirectory() as folder:
            candidates = clone(model).set_params(memory=folder)
            cv, options = [(train, test)], {"refit": False, "error_score": "raise"}
            GridSearchCV(candidates, grid, cv=cv, **options).fit(X, y)

    def unavoidable() -> None:
        vae = FrozenEstimator(sizes.transformer().fit(X[train], y[train], attributes))
        for _ in range(12):
            sizes.classifier(vae, attributes).fit(X[train], y[train])

    name, floor = "search of 12 candidates", "one fit of the VAE and 12 of the softmax"
    seconds = time_in_turn(settings, {name: run_search, floor: unavoidable}, is_slow=True)
    return tabulate("s", seconds, floors={name: floor})


def growth(settings: Namespace) -> pd.DataFrame:
    """Time an epoch over rows, classes and features."""
    frames = []
    for kind, values in settings.sizes.growth:
        cases: Cases = {}
        for value in values:
            changed: dict[str, Any] = {kind: value}
            sizes = replace(settings.sizes, **changed)
            cases[f"{kind} = {value}"] = partial(sizes.one_epoch(batch_size=512).fit, *sizes.data())
        frames.append(tabulate("s an epoch", time_in_turn(settings, cases), sizes=values))
        slope = np.polyfit(np.log(values), np.log(frames[-1]["minimum"]), 1)[0]
        frames[-1]["note"] = f"slope of log time over log {kind}: {slope:.2f}"
    return pd.concat(frames)


def accuracy(settings: Namespace) -> pd.DataFrame:
    """Fit and score both recipes on a data set, as for Table 2 of the paper, once per seed."""
    frames = []
    for name, title in (("full", "official recipe"), ("quick", "default recipe")):
        data = Xlsa17(settings.data.name, settings.data, RECIPES[name].scaler)
        runs = [Run(data.facts.name, name, seed) for seed in range(settings.n_seeds)]
        outcomes = list(execute(data, runs, RECIPES[name]))
        if failures := [outcome.failure for outcome in outcomes if outcome.failure]:
            raise RuntimeError(failures[0])
        scores = pd.DataFrame([outcome.scores for outcome in outcomes])
        seconds = (scores["vae_seconds"] + scores["seconds"]).tolist()
        percent = {f"{title}, {key}": (100 * scores[key]).tolist() for key in ("S", "U", "H", "T1")}
        frames.append(tabulate("s", {f"{title}, fit and test": seconds}))
        frames.append(tabulate("%", percent))
    return pd.concat(frames)
