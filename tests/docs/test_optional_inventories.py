"""A build without network is no failure, and any other warning stays one."""

import importlib
import logging

import pytest


@pytest.fixture
def level_after(docs):
    """Return a function that returns the level of a message of intersphinx after the filter."""
    module = importlib.import_module("optional_inventories")

    def level_after(message):
        record = logging.LogRecord("sphinx", logging.WARNING, "", 0, message, ("why",), None)
        assert module.demote_unreachable(record)
        return record.levelno

    return level_after


def test_an_unreachable_inventory_is_a_message(level_after):
    message = "failed to reach any of the inventories with the following issues:\n%s"
    assert level_after(message) == logging.INFO


def test_any_other_warning_stays_one(level_after):
    assert level_after("external reference not found: %s") == logging.WARNING
