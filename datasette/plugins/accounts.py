"""The accounts of `dangqun accounts` become those of datasette-auth-passwords."""

import json
from pathlib import Path

from datasette import hookimpl


@hookimpl
def startup(datasette):
    if "archive" not in datasette.databases:
        return
    path = Path(datasette.get_database("archive").path).parents[1] / "accounts.json"
    accounts = json.loads(path.read_text("utf-8")) if path.exists() else {}
    config = datasette.config.setdefault("plugins", {}).setdefault("datasette-auth-passwords", {})
    config.update({f"{name}_password_hash": account["hash"] for name, account in accounts.items()})
    config["actors"] = {name: {"id": name, "role": account["role"]} for name, account in accounts.items()}


@hookimpl
def extra_template_vars(datasette, template):
    """Whether anybody can log in at all, for the page of the login."""
    if template != "password_login.html":
        return {}
    return {"any_account": bool((datasette.plugin_config("datasette-auth-passwords") or {}).get("actors"))}
