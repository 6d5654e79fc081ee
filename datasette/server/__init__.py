"""What the site's plugins share, and the application that `dangqun serve` runs.

`dangqun serve` puts the configuration folder on Python's path (uvicorn's --app-dir): datasette/ in a checkout, crawler/site/ where
the wheel is installed. So plugins import `server.compat` in both; tests and mypy name the folder in pyproject.toml. The folder itself
is not a package: it would hide the library of its name.
"""
