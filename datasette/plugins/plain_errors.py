"""Errors are answered, not decorated: Datasette 1.0a41 prints them through rich wherever that is installed, which
fails for a page that is not there (no exception is being handled then) and turns its 404 into a broken answer."""

from datasette import handle_exception, hookimpl


@hookimpl
def startup():
    handle_exception.rich = None
