"""What the paper reports, in percent.

Schönfeld et al., "Generalized Zero- and Few-Shot Learning via Aligned Variational Autoencoders",
CVPR 2019. Values that could not be verified are left out.
"""

# Table 2, by data set. Its row of CUB is also the last row of Table 1, which is about CUB.
TABLE_2: dict[str, dict[str, float]] = {
    "CUB": {"U": 51.6, "S": 53.5, "H": 52.4},
    "SUN": {"U": 47.2, "S": 35.7, "H": 40.6},
    "AWA1": {"U": 57.3, "S": 72.8, "H": 64.1},
    "AWA2": {"U": 55.8, "S": 75.0, "H": 63.9},
}
TABLE_1: dict[tuple[str, str], dict[str, float]] = {("CUB", "CADA-VAE"): TABLE_2["CUB"]}

# Figure 6: H by data set, model and number of shots of each unseen class.
FIGURE_6: dict[str, dict[str, dict[int, float]]] = {
    "AWA2": {
        "CADA-VAE": {1: 69.6, 2: 73.7, 5: 78.1, 10: 80.2},
        "CA-VAE": {1: 64.0, 2: 71.3, 5: 76.6, 10: 79.0},
        "DA-VAE": {1: 68.0, 2: 73.0, 5: 75.6, 10: 76.8},
    }
}
