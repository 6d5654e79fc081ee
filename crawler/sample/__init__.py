"""A sample site that needs no network: three invented outlets, printed from stories.toml and served on loopback.

`outlets` prints the pages as bytes, `server` serves them. The addresses are fixed, so that a second demo
meets what the first one fetched; DANGQUN_SAMPLE_PORT moves the first of the three ports.
"""

import os

FIRST_PORT = int(os.environ.get("DANGQUN_SAMPLE_PORT", "8101"))
NAMES = ("city", "district", "mirror")


def address(name: str) -> str:
    """The address of one of the sample outlets."""
    return f"http://127.0.0.1:{FIRST_PORT + NAMES.index(name)}"
