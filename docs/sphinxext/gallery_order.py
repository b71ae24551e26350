"""The order in which the gallery is to be read."""

from pathlib import Path

READING_ORDER = (
    "quickstart",
    "calibration",
    "grid_search",
    "few_shots",
    "side_information",
    "missing_side_information",
    "add_classes",
    "final_classifier",
    "eight_ways",
    "all_systems",
    "generators",
    "vote",
    "pipeline_pca",
    "latent_space",
    "text",
)


class ReadingOrder:
    """Sort the examples of a folder from the first to read to the last.

    Parameters
    ----------
    src_dir : str
        The folder.
    """

    def __init__(self, src_dir: str) -> None:
        self.src_dir = src_dir

    def __call__(self, filename: str) -> int:
        """Return the place of an example, from 0.

        Parameters
        ----------
        filename : str

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If the order does not name it.
        """
        return READING_ORDER.index(Path(filename).stem.removeprefix("plot_"))
