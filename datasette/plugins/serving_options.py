"""What `dangqun serve` asks for: --no-sql, --no-rate, --workers. (Datasette's own -s would put datasette.yaml aside.)"""

import os
from math import ceil

from datasette import hookimpl

from server import compat


@hookimpl
def startup(datasette):
    if os.environ.get("DANGQUN_SQL") == "off":
        compat.deny_sql(datasette)
    rates = compat.plugin_settings(datasette, "datasette-ip-rate-limit")
    if os.environ.get("DANGQUN_RATE") == "off":
        rates["enabled"] = False
    # Each process counts for itself: together they allow what one would.
    workers = int(os.environ.get("DANGQUN_WORKERS", "1"))
    for rule in rates["rules"]:
        rule["max_requests"] = ceil(rule["max_requests"] / workers)
