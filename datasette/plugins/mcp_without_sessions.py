"""Several processes answer side by side, and none knows the others' MCP sessions: each request is answered by itself."""

import datasette_mcp
from datasette import hookimpl


@hookimpl
def startup(datasette):
    datasette_mcp._get_state(datasette).server.session_manager.stateless = True  # the plugin has no setting for it
