"""The options of `dangqun serve`: --no-sql, --no-rate-limit, --workers."""

from math import ceil

from datasette import hookimpl
from datasette.app import Datasette

from server import compat, options


@hookimpl
def startup(datasette: Datasette) -> None:
    if not options.sql_allowed():
        compat.deny_sql(datasette)
    limits = compat.plugin_settings(datasette, "datasette-ip-rate-limit")
    if not options.rate_limited():
        limits["enabled"] = False
    # Each process counts for itself: together they allow what one would.
    for rule in limits["rules"]:
        rule["max_requests"] = ceil(rule["max_requests"] / options.workers())
