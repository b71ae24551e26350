"""Class labels, class embeddings and the roles of classes, by numpy and pandas alone.

Nothing here imports torch, scikit-learn or an estimator; of skcada only `exceptions`.
"""
