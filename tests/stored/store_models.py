"""Store small models of this version, which later versions must load.

Run ``python tests/stored/store_models.py`` at each minor release, and add the new folder.
"""

import pickle
from pathlib import Path

import numpy as np
import skops.io
from sklearn.base import clone

from skcada import CADAVAETransformer, GZSLClassifier, __version__
from skcada.compatibility import ESZSLClassifier
from skcada.datasets import make_gzsl_classification
from skcada.ensemble import GZSLVotingClassifier
from skcada.generation import CVAETransformer


def outputs(model, rows):
    """Return what a stored model must give for some rows, whatever the version."""
    if hasattr(model, "decision_function"):
        return model.decision_function(rows)
    drawn = model.sample(class_embeddings=model.class_embeddings_, n_samples=2, random_state=0)
    return np.vstack([model.transform(rows), drawn])


def make_models(table):
    """Return one small model of each kind, which are not fitted."""
    layers = ("feature_encoder", "feature_decoder", "embedding_encoder", "embedding_decoder")
    transformer = CADAVAETransformer(4, max_iter=5, **{f"{name}_layers": 8 for name in layers})
    gzsl = GZSLClassifier(transformer, class_embeddings=table, random_state=0)
    eszsl = ESZSLClassifier(table, random_state=0)
    return {
        "gzsl": gzsl,
        "eszsl": eszsl,
        "cvae": CVAETransformer(
            latent_size=4,
            encoder_layers=8,
            decoder_layers=8,
            max_iter=5,
            class_embeddings=table,
            random_state=0,
        ),
        "vote": GZSLVotingClassifier([("gzsl", clone(gzsl)), ("eszsl", clone(eszsl))]),
    }


def main():
    """Write the models and what they predict into the folder of this version."""
    problem = make_gzsl_classification(
        300, 8, n_seen_classes=6, n_unseen_classes=2, n_attributes=4, random_state=0
    )
    names = np.array([f"class {label}" for label in problem.target_names])
    table = problem.class_embeddings.set_axis(names)
    X, y = problem.data[problem.trainval], names[problem.target[problem.trainval]]
    rows = problem.data[problem.test_unseen][:20]
    folder = Path(__file__).parent / ".".join(__version__.split(".")[:2])
    folder.mkdir(exist_ok=True)
    expected = {}
    for name, model in make_models(table).items():
        model.fit(X, y)
        expected[name] = outputs(model, rows)
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(model, protocol=4))
        skops.io.dump(model, folder / f"{name}.skops", compression=8)
    np.savez_compressed(folder / "expected.npz", rows=rows, **expected)


if __name__ == "__main__":
    main()
