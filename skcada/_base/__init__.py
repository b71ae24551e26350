"""The parts that estimators share: fit methods, epochs, roles of classes, saved state."""

# May import the floors below: `_classes`, `_nn`, `_training`, `metrics`. No estimator.
