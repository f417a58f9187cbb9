"""Lets `python -m meerkat_mock.cli` run the command line."""

from __future__ import annotations

from meerkat_mock.cli import main

main()
