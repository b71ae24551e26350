"""The rerun of the experiment on ImageNet, on files of its layout."""

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat
from tiny_campaign import module, save

from skcada.metrics import hit_at_k_score

pytestmark = pytest.mark.usefixtures("paper")


@pytest.fixture
def imagenet(tmp_path):
    """Write files in the layout of ImageNet: classes 1 to 5 are seen, of 12."""
    h5py = pytest.importorskip("h5py")
    folder = tmp_path / "ImageNet"
    folder.mkdir()
    rng = np.random.RandomState(0)
    vectors = rng.normal(size=(12, 3))
    files = {"ILSVRC2012_res101_feature.mat": range(1, 8), "21K_feature.mat": range(8, 12)}
    for file, classes in files.items():
        labels = np.repeat(list(classes), 6)
        with h5py.File(folder / file, "w") as stored:
            stored["features"] = rng.uniform(size=(len(labels), 4)) + vectors[labels - 1, :1]
            stored["labels"] = labels[:, None] * 1.0
    vectors[8] = 0
    savemat(folder / "ImageNet_w2v.mat", {"w2v": vectors})
    splits = {
        "train_classes": [1, 2, 3],
        "val_classes": [4, 5],
        "hops2": [6, 8],
        "mp500": [12],  # which has no rows
        "all": [5, 6, 7, 8, 9, 10, 11, 12],
    }
    savemat(folder / "ImageNet_splits.mat", splits)
    return folder


def test_imagenet_is_tested_on_each_split_with_seen_classes_competing(
    run, imagenet, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(module("_imagenet"), "CHUNK", 7)
    assert run(imagenet) == 0
    error = capsys.readouterr().err
    assert "table_1 left out: it needs a data set in the xlsa17 format" in error
    assert "all: 1 seen classes and 1 without a vector taken out of 8" in error
    assert "mp500 left out: it has no rows to test on" in error
    frame = pd.read_csv(tmp_path / "out" / "ImageNet" / "figure_7.csv").set_index("split")
    assert list(frame.index) == ["hops2", "all"]
    assert frame[["Hit@1", "Hit@2", "Hit@5", "Hit@10"]].loc["all"].is_monotonic_increasing
    assert np.isnan(frame["Hit@20"]["all"])
    assert np.isnan(frame["Hit@10"]["hops2"])  # of 7 classes
    assert (tmp_path / "out" / "ImageNet" / "figure_7.png").stat().st_size


@pytest.mark.parametrize("recipe", ["full", "quick"])
def test_imagenet_has_the_networks_of_the_paper(recipe, monkeypatch):
    monkeypatch.undo()  # of what makes them small here
    vae = module("_recipes").RECIPES[recipe].make_transformer("CADA-VAE", 128, 0, is_imagenet=True)
    rng = np.random.default_rng(0)
    X, y = rng.random((4, 2048), dtype=np.float32), np.arange(4) % 2
    vae.set_params(max_iter=1, precision="float32").fit(X, y, class_embeddings=rng.random((2, 500)))
    shapes = [
        [tuple(layer.weight.shape[::-1]) for layer in [*module.hidden, head]]
        for modules, name in ((vae.network_.encoders, "mu"), (vae.network_.decoders, "out"))
        for module in modules
        for head in [getattr(module, name)]
    ]
    assert shapes == [
        [(2048, 1560), (1560, 1560), (1560, 128)],
        [(500, 1450), (1450, 1450), (1450, 128)],
        [(128, 1160), (1160, 1660), (1660, 2048)],
        [(128, 460), (460, 660), (660, 500)],
    ]
    assert vae.batch_size == 128


def test_hits_in_parts_are_those_of_all_rows_at_once(imagenet, monkeypatch, tmp_path):
    monkeypatch.setattr(module("_imagenet"), "CHUNK", 5)
    (source,), _ = module("_sources").find_datasets(imagenet)
    data = module("_sources").load(source)
    base = module("_runs").Run("ImageNet", "quick", 0, side="word vectors", split="all")
    seen = []
    score = type(data).score

    def remember(self, model, run):
        seen.append(model)
        return score(self, model, run)

    monkeypatch.setattr(type(data), "score", remember)
    store = module("_store").Store(tmp_path / "runs.csv")
    campaign = module("_campaign")
    campaign.Campaign([campaign.Part(source, store, [[base]])], n_jobs=1).run()
    (model,) = seen
    assert model.classes_.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]
    assert model.seen_classes_.tolist() == [1, 2, 3, 4, 5]
    scaler = data._scaler
    rows = [np.isin(part.target, [6, 7, 8, 10, 11]) for part in data.parts]
    X = np.concatenate([part.data[mask] for part, mask in zip(data.parts, rows, strict=True)])
    y = np.concatenate([part.target[mask] for part, mask in zip(data.parts, rows, strict=True)])
    y_score = model.decision_function(scaler.transform(X))
    for k in (1, 2, 5):
        expected = hit_at_k_score(y, y_score, classes=model.classes_, k=k)
        assert store.results[base][f"Hit@{k}"] == pytest.approx(expected)


def test_imagenet_and_other_data_sets_may_share_a_parent(paper, imagenet, problem):
    save(imagenet.parent / "TINY", problem)
    (imagenet.parent / "SPLITS_ONLY").mkdir()
    (imagenet.parent / "SPLITS_ONLY" / "att_splits.mat").touch()
    sources, notes = module("_sources").find_datasets(imagenet.parent)
    assert [(s.name, s.is_imagenet) for s in sources] == [("ImageNet", True), ("TINY", False)]
    assert notes == ["SPLITS_ONLY left out: it has no res101.mat"]
