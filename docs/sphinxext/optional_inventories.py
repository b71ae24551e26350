"""Keep a build without network from failing under ``-W``.

Links to other projects need their inventories. Sphinx warns where one cannot be fetched, and the
warning has no type that ``suppress_warnings`` could name. The links are then left out, as text.
"""

import logging
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Turn the one warning into a message."""
    logging.getLogger("sphinx.sphinx.ext.intersphinx").addFilter(demote_unreachable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def demote_unreachable(record: logging.LogRecord) -> bool:
    """Lower the level of the warning of an unreachable inventory, and let any record pass."""
    if str(record.msg).startswith("failed to reach any of the inventories"):
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True
