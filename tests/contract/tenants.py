"""The estimators that every property is checked over: a new one is entered here."""

from minimal_source import RidgeAligner, RidgeSource
from small_networks import SIZES, WEIGHTS

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.alignment import ReViSETransformer
from skcada.compatibility import (
    ALEClassifier,
    CMTClassifier,
    DeViSEClassifier,
    ESZSLClassifier,
    LatEmClassifier,
    SAEClassifier,
    SJEClassifier,
    SynCClassifier,
)
from skcada.ensemble import GZSLVotingClassifier
from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer
from skcada.model_selection import TunedSeenPenaltyClassifierCV


def quick_transformer(**settings):
    """Return a CADAVAETransformer that is trained in a moment."""
    return CADAVAETransformer(**SIZES, **WEIGHTS, max_iter=3, precision="float32", **settings)


SMALL_VAE = {"latent_size": 4, "encoder_layers": 32, "decoder_layers": 32}
# Generators that are trained in a moment.
GENERATORS = {
    "CVAETransformer": lambda **s: CVAETransformer(**SMALL_VAE, **s),
    "SEZSLTransformer": lambda **s: SEZSLTransformer(**SMALL_VAE, regressor_layers=32, **s),
    "CLSWGANTransformer": lambda **s: CLSWGANTransformer(generator_layers=32, critic_size=32, **s),
}


def quick_revise(**settings):
    """Return a ReViSETransformer that is trained in a moment."""
    return ReViSETransformer(latent_size=16, max_iter=8, **settings)


def classifier_on(transformer, **settings):
    """Return a GZSLClassifier that is trained in a moment."""
    return GZSLClassifier(
        transformer,
        classifier=SoftmaxClassifier(max_iter=2),
        samples_per_class=(10, 20),
        random_state=0,
        **settings,
    )


# All make estimators that are not fitted and know no class embeddings.
LATENT_SOURCES = {
    "CADAVAETransformer": lambda: quick_transformer(random_state=0),
    **{
        name: lambda make=make: make(max_iter=10, random_state=0)
        for name, make in GENERATORS.items()
    },
    "ReViSETransformer": lambda: quick_revise(random_state=0),
    "RidgeSource": RidgeSource,
    "RidgeAligner": RidgeAligner,
}
GZSL_CLASSIFIERS = {
    "GZSLClassifier": lambda: classifier_on(quick_transformer()),
    "GZSLClassifier(ReViSETransformer)": lambda: classifier_on(quick_revise()),
    "GZSLClassifier(similarity)": lambda: GZSLClassifier(
        quick_revise(), classifier="similarity", random_state=0
    ),
    "GZSLClassifier(RidgeSource)": lambda: classifier_on(RidgeSource()),
    "GZSLClassifier(CVAETransformer)": lambda: classifier_on(
        GENERATORS["CVAETransformer"](max_iter=10)
    ),
    "ESZSLClassifier": lambda: ESZSLClassifier(random_state=0),
    "SJEClassifier": lambda: SJEClassifier(max_iter=5, random_state=0),
    "ALEClassifier": lambda: ALEClassifier(max_iter=5, random_state=0),
    "DeViSEClassifier": lambda: DeViSEClassifier(max_iter=5, random_state=0),
    "LatEmClassifier": lambda: LatEmClassifier(max_iter=5, random_state=0),
    "CMTClassifier": lambda: CMTClassifier(max_iter=20, random_state=0),
    "CMTClassifier(gaussian)": lambda: CMTClassifier(
        max_iter=20, novelty="gaussian", random_state=0
    ),
    "SAEClassifier": lambda: SAEClassifier(random_state=0),
    "SynCClassifier": lambda: SynCClassifier(random_state=0),
    "GZSLVotingClassifier": lambda: GZSLVotingClassifier(
        [("ridge", classifier_on(RidgeSource())), ("eszsl", ESZSLClassifier(random_state=0))]
    ),
}
LEARNER = GZSLClassifier(CADAVAETransformer(**SIZES, max_iter=15))
# One or more of every public estimator, which learn enough for scikit-learn's checks.
ESTIMATORS = [
    CADAVAETransformer(**SIZES, max_iter=15),
    LEARNER,
    GZSLClassifier(CADAVAETransformer(**SIZES, max_iter=15), resample=True),
    *(make(max_iter=15) for make in GENERATORS.values()),
    ReViSETransformer(),
    GZSLClassifier(ReViSETransformer(), classifier="similarity"),
    SoftmaxClassifier(),
    ESZSLClassifier(),
    SJEClassifier(max_iter=30),
    ALEClassifier(max_iter=30),
    DeViSEClassifier(max_iter=30),
    LatEmClassifier(max_iter=30),
    CMTClassifier(),
    SAEClassifier(),
    SynCClassifier(),
    GZSLVotingClassifier([("learner", LEARNER), ("eszsl", ESZSLClassifier())]),
    TunedSeenPenaltyClassifierCV(LEARNER),
    TunedSeenPenaltyClassifierCV(ESZSLClassifier()),
]
