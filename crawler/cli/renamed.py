"""Names of options and commands in the version before: still accepted, not shown. A later version removes them."""

import copy
import os
from typing import Any

import click


class RenamedOption(click.Option):
    """An option that also accepts a former name (`--old`, or `--old/--no-old`), and the environment variable of that name."""

    def __init__(self, *args: Any, former: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.former = former

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Let the parser accept both names. Help and messages show the present one only."""
        super().add_to_parser(parser, ctx)
        hidden = copy.copy(self)
        first, _, second = self.former.partition("/")
        hidden.opts, hidden.secondary_opts = [first], [second] if second else []
        click.Option.add_to_parser(hidden, parser, ctx)

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The value in the environment, by the present name or the former one."""
        variable = self.former.partition("/")[0].strip("-").replace("-", "_").upper()
        return super().resolve_envvar_value(ctx) or os.environ.get(f"{ctx.auto_envvar_prefix}_{variable}")


def option(*names: str, former: str, **attributes: Any) -> Any:
    """As `click.option`, for an option that had the name `former` in the version before."""
    return click.option(*names, cls=RenamedOption, former=former, **attributes)


def keep_former_command(group: click.Group, command: click.Command, former: str) -> None:
    """Let a group accept the name that a command had in the version before."""
    hidden = copy.copy(command)
    hidden.hidden = True
    group.add_command(hidden, former)
