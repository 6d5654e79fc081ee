"""All `--help` pages as one: `make commands` writes docs/commands.md."""

import sys
from collections.abc import Iterator

import click

from crawler.cli.main import main

_HEAD = """\
# Commands

What `dangqun COMMAND --help` prints, for all commands. `make commands` makes this page. [Operations](operations.md) explains how they work together.

Every option can also be set in the environment, as `DANGQUN_COMMAND_OPTION` (for `dangqun serve --port`: `DANGQUN_SERVE_PORT`). The command line takes precedence.
"""
_WIDTH = 100  # columns


def reference() -> str:
    """The page, as Markdown."""
    return "\n".join([_HEAD, *_sections(main, click.Context(main, info_name="dangqun", **main.context_settings))])


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = _WIDTH
    level = "##" if context.parent is None or context.parent.parent is None else "###"
    yield f"{level} {context.command_path}\n\n```text\n{command.get_help(context).strip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found and not found.hidden:
                yield from _sections(found, click.Context(found, info_name=name, parent=context))


if __name__ == "__main__":
    sys.stdout.write(reference())
