"""The options of `dangqun serve` (--no-sql, --no-rate-limit, --workers), and the limits of requests in dangqun.toml."""

from math import ceil

from datasette import hookimpl
from datasette.app import Datasette

from server import compat, options
from server.operator import decided


@hookimpl
def startup(datasette: Datasette) -> None:
    if not options.sql_allowed():
        compat.deny_sql(datasette)
    limits = compat.plugin_settings(datasette, "datasette-ip-rate-limit")
    if not options.rate_limited():
        limits["enabled"] = False
    # Each process counts for itself: together they allow what one would.
    operator = decided(datasette)
    for rule in limits["rules"]:
        rule["max_requests"] = ceil(operator[f"rates.{rule['name']}"] / options.workers())
