"""The names of the modules that users import."""

import pkgutil

import skcada

MODULES = [
    "skcada",
    *(
        f"skcada.{module.name}"
        for module in pkgutil.iter_modules(skcada.__path__)
        if not module.name.startswith("_")
    ),
]
