"""MLflow logs and loads models in its default format, which is that of skops."""

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcada import GZSLClassifier
from skcada.compatibility import ESZSLClassifier
from skcada.ensemble import GZSLVotingClassifier

# What MLflow and its dependencies warn of is their matter.
pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_logged_model_predicts_the_same(small_transformer, problem, Xy, tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("mlflow.sklearn")
    # A database, which MLflow prefers to a folder, needs packages that mlflow-skinny lacks.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    vote = GZSLVotingClassifier(
        [("latents", GZSLClassifier(small_transformer)), ("eszsl", ESZSLClassifier())],
        class_embeddings=problem.class_embeddings,
        random_state=0,
    )
    model = make_pipeline(StandardScaler(), vote).fit(*Xy)
    trusted = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(model, name="model", skops_trusted_types=trusted)
    assert info.flavors["sklearn"]["serialization_format"] == "skops"
    expected = model.predict(problem.data)
    loaded = mlflow.sklearn.load_model(info.model_uri)
    np.testing.assert_array_equal(loaded.predict(problem.data), expected)
    served = mlflow.pyfunc.load_model(info.model_uri)
    np.testing.assert_array_equal(served.predict(problem.data), expected)
