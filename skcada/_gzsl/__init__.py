"""The classifier that learns seen and unseen classes from sampled latents, and its parts."""

# May import all floors below: `alignment`, `_base`, `_training`, `metrics`, `_classes`.
