"""Settings with which CADA-VAE is trained on the generated problem in a fraction of a second."""

SIZES = {
    "latent_size": 8,
    "feature_encoder_layers": 32,
    "feature_decoder_layers": 32,
    "embedding_encoder_layers": 32,
    "embedding_decoder_layers": 32,
}
# Weights that suit networks of this size and a training of a few epochs.
WEIGHTS = {"feature_weight": 1.0, "beta": 0.01, "delta": 0.1}
