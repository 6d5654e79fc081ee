"""A serving process ends with the process that started it. Otherwise it would keep the port, and serve an old snapshot."""

from datasette import hookimpl

from archive.ending import end_with_parent


@hookimpl
def startup() -> None:
    end_with_parent()
