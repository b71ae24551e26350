"""Whole runs on real data, as far as they are at hand."""

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import GZSLClassifier
from skcada.datasets import load_xlsa17
from skcada.metrics import gzsl_scorer


def test_birds_never_seen_are_recognised_by_their_descriptions(shared_data):
    birds = load_xlsa17(shared_data / "cub_cadavae_latents", splits_file="sent_splits.mat")
    model = make_pipeline(
        MinMaxScaler(), GZSLClassifier(class_embeddings=birds.class_embeddings, random_state=0)
    )
    model.fit(birds.data[birds.trainval], birds.target[birds.trainval])
    test = np.concatenate([birds.test_seen, birds.test_unseen])
    scores = gzsl_scorer(model, birds.data[test], birds.target[test])
    # Two seeds gave AUSUC = 0.15 and T1 = 0.5; chance is 0.005 for S and U, 0.02 for T1.
    assert scores["AUSUC"] > 0.12
    assert scores["T1"] > 0.4
    assert min(scores["S"], scores["U"]) > 0.05
