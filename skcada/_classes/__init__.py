"""Class labels, class embeddings and the roles of classes, as arrays and tables."""

# Of skcada it may import `exceptions` only; besides numpy, scipy, pandas and narwhals. No torch, no
# scikit-learn, no estimator.
