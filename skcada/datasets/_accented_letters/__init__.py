"""The accented letters: the letters and their parts, their images and features, and the loader.

``letters.npz`` was written by ``render``, which alone needs matplotlib. The licences of the fonts
lie beside it.
"""
