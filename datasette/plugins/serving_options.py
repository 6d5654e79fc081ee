"""What `dangqun serve --no-sql` and `--no-rate` ask for. (Datasette's own -s would put datasette.yaml aside.)"""

import os

from datasette import hookimpl


@hookimpl
def startup(datasette):
    if os.environ.get("DANGQUN_SQL") == "off":
        datasette._settings["default_allow_sql"] = False
    if os.environ.get("DANGQUN_RATE") == "off":
        datasette.config["plugins"]["datasette-ip-rate-limit"]["enabled"] = False
