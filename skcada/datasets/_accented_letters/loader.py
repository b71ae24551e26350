"""Letters with accents in sixteen typefaces, described by their parts."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skcada._sklearn import validate_params
from skcada.datasets._accented_letters.gradients import (
    FEATURE_NAMES,
    N_BANDS,
    N_DIRECTIONS,
    N_STRIPES,
    compute_gradients,
)
from skcada.datasets._accented_letters.letters import describe, find_letters
from skcada.datasets._layout import DataAndTarget, make_bunch

DESCR = """\
Accented letters
----------------

{n_images:,} grey images of 48 x 40 pixels: {n_classes} Latin letters in 16 typefaces, as far as
these have them. The letters are the 52 basic ones, A to Z and a to z, and all that Unicode composes
of one of them and one or two of 25 marks. A letter's class embedding says what it is made of: 52
columns of basic letters and 25 of marks, 1 where the part occurs and 0 elsewhere. Of letters that
differ in nothing but the order of their marks only the first is there: \u01d5 and \u01d6, without
\u1e7a and \u1e7b.

All letters are drawn to one scale on one base line, centred between left and right, without
hinting. Their 16 shades go from 0 (paper) to 255 (ink).

The features are computed from the images: a histogram of oriented gradients over {n_bands}
overlapping bands of rows, {n_stripes} stripes of columns and {n_directions} directions, then the
square root.

{n_unseen} letters with marks are unseen; each of their parts occurs in seen letters. Of each other
letter, all images of one family of typefaces, drawn by lot among those that have it, are test_seen:
{n_test_seen:,}. The rest is trainval: {n_val:,} images of {n_validation} letters with marks, drawn
likewise, are val and the other {n_train:,} train. The roles were drawn once, without a look at the
images, and are stored with them.

Typefaces: four styles each of
- DejaVu Sans, DejaVu Sans Mono and DejaVu Serif. (c) Bitstream and Tavmjong Bah, under the licence
  of Bitstream Vera and Arev; changes by DejaVu are in the public domain.
- STIXGeneral of the STIX fonts. (c) the STI Pub Companies, under the SIL Open Font License 1.1.
They were taken from matplotlib, which distributes them. The texts of the licences lie beside the
images in the package, in `skcada/datasets/_accented_letters`.
"""


@validate_params(
    {"return_X_y": ["boolean"], "as_frame": ["boolean"]}, prefer_skip_nested_validation=True
)
def load_accented_letters(
    *, return_X_y: bool = False, as_frame: bool = False
) -> Bunch | DataAndTarget:
    """Load accented letters in 16 typefaces, with their parts as class embeddings.

    A real data set that needs no download: 7,109 images of 538 Latin letters, 100 of them unseen.
    The class embedding of a letter says which basic letter and which marks it is made of, so a
    model that knows "e", "é" and "ô" can recognize "ê".

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, `data` is a DataFrame and `target` a Series.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        The data set in the layout that :mod:`skcada.datasets` describes. Labels are the letters,
        strings of one character; the 384 features are histograms of oriented gradients. Of each
        seen letter, all images of one family of typefaces are in ``test_seen``; 100 letters
        are held out for ``val``. There are three further entries:

        images : ndarray of shape (7109, 48, 40), dtype uint8
            The images that the features are computed from, 0 for paper and 255 for ink.
        face, family : ndarray of shape (7109,)
            The typeface of each row, such as "DejaVuSans-Bold", and its family, "DejaVu Sans",
            "DejaVu Sans Mono", "DejaVu Serif" or "STIXGeneral".

    (data, target) : tuple if ``return_X_y`` is True
        The features and labels of all rows.

    See Also
    --------
    load_segment_digits : Load a smaller data set.
    make_gzsl_classification : Generate a problem of any size.
    load_xlsa17 : Load a published data set.

    Examples
    --------
    >>> from skcada.datasets import load_accented_letters
    >>> letters = load_accented_letters()
    >>> letters.data.shape
    (7109, 384)
    >>> parts = letters.class_embeddings.loc["ế"]
    >>> parts.index[parts == 1].tolist()
    ['e', 'acute accent', 'circumflex accent']
    >>> letters.seen_classes.size, letters.unseen_classes.size
    (438, 100)
    """
    stored = _read()
    images = _unpack(stored["shades"])
    target, role = stored["letter"], stored["role"]
    train, val, test_seen, test_unseen = (
        np.flatnonzero(role == name) for name in ("train", "val", "test_seen", "test_unseen")
    )
    letters = find_letters()
    bunch = make_bunch(
        compute_gradients(images),
        target,
        describe(letters),
        trainval=np.union1d(train, val),
        test_seen=test_seen,
        test_unseen=test_unseen,
        train=train,
        val=val,
        feature_names=list(FEATURE_NAMES),
        descr=DESCR.format(
            n_images=target.size,
            n_classes=len(letters),
            n_bands=N_BANDS,
            n_stripes=N_STRIPES,
            n_directions=N_DIRECTIONS,
            n_unseen=np.unique(target[test_unseen]).size,
            n_test_seen=test_seen.size,
            n_train=train.size,
            n_val=val.size,
            n_validation=np.unique(target[val]).size,
        ),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
    if isinstance(bunch, Bunch):
        bunch.update(images=images, face=stored["face"], family=stored["family"])
    return bunch


def _read() -> dict[str, NDArray[Any]]:
    with (
        as_file(files("skcada.datasets._accented_letters") / "letters.npz") as path,
        np.load(path, allow_pickle=False) as stored,
    ):
        return dict(stored)


def _unpack(shades: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each pixel, of which two are in a byte, a byte of its own, and spread the shades."""
    images = np.empty((len(shades), 48, 40), dtype=np.uint8)
    images[:, :, 0::2] = (shades >> 4).reshape(-1, 48, 20)
    images[:, :, 1::2] = (shades & 15).reshape(-1, 48, 20)
    images *= 17
    return images
