"""Reading: a capture's bytes to an article. decode -> what kind of page -> body -> blocks, and the metadata."""

from archive.reading.joining import Joined, join
from archive.reading.layouts import Layout, Layouts, fingerprint
from archive.reading.read import read, version

__all__ = ["Joined", "Layout", "Layouts", "fingerprint", "join", "read", "version"]
