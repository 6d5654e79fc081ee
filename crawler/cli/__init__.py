"""The command line: `dangqun`. One module a room; `main` is the way in."""

from crawler.cli.main import main

__all__ = ["main"]
