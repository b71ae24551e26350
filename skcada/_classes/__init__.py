"""Class labels, class embeddings and the roles of classes, by numpy and pandas alone."""

# Of skcada it may import `exceptions` only. No torch, no scikit-learn, no estimator.
