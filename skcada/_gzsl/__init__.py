"""The classifier of seen and unseen classes by sampled latents, and its parts.

May import every floor below: `alignment`, `_base`, `_training`, `metrics`, `_classes`.
"""
