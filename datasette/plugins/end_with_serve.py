"""A serving process ends with the process that started it. Otherwise it would hold the port and an old snapshot."""

from datasette import hookimpl

from archive.ending import end_with_parent


@hookimpl
def startup():
    end_with_parent()
