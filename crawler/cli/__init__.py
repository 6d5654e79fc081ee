"""The command line: `dangqun`. `main` is the entry point; it imports the module of a command when the command is called."""

from crawler.cli.main import main

__all__ = ["main"]
