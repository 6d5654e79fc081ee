"""Logging of the command line: one handler on standard error, for records of the project, of Scrapy and of all else."""

import json
import logging
from datetime import UTC, datetime

from crawler.cli.console import console, messages, use_json

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # by how often --verbose is given
_STANDARD = {
    *vars(logging.makeLogRecord({})),
    "message",
    "asctime",
}  # the other attributes of a record are extra fields


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time (UTC), level, logger, message, extra fields, and any exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in {*_STANDARD, *line}}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class ConsoleHandler(logging.Handler):
    """Writes records through the console, so that they do not break progress bars."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            console.out(self.format(record), highlight=False)
        except Exception:
            self.handleError(record)


def configure(verbose: int, as_json: bool) -> None:
    """Send log records to standard error.

    Args:
        verbose: 0 for warnings and errors, 1 for information as well, 2 and more for everything.
        as_json: whether each record, and each message of a command, is a line of JSON.
    """
    level = _LEVELS[min(verbose, len(_LEVELS) - 1)]
    handler = ConsoleHandler()
    handler.setFormatter(
        JsonFormatter() if as_json else logging.Formatter("%(asctime)s [%(name)s] %(levelname)s: %(message)s", "%F %T")
    )
    # Scrapy sets its loggers to DEBUG, so the level of the root logger does not hold for them.
    handler.addFilter(lambda record: record.levelno >= level or record.name == messages.name)
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one, ConsoleHandler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level)
    messages.setLevel(logging.INFO)
    use_json(as_json)
