"""The options of `dangqun serve`, which passes them to the serving processes in environment variables."""

import os


def parts() -> list[str]:
    """The names of the other archives that are served beside this one (--with-archive)."""
    return os.environ.get("DANGQUN_PARTS", "").split()


def workers() -> int:
    """How many processes answer side by side (--workers)."""
    return int(os.environ.get("DANGQUN_WORKERS", "1"))


def site_address() -> str:
    """The address at which readers reach the site (--site); empty where nobody has set it."""
    return os.environ.get("DANGQUN_SITE", "")


def sql_allowed() -> bool:
    """Whether readers may run SQL of their own (--no-sql)."""
    return os.environ.get("DANGQUN_SQL") != "off"


def texts() -> bool:
    """Whether downloads of articles have their full texts (--full-texts). The rights to these belong to the outlets."""
    return os.environ.get("DANGQUN_TEXTS") == "on"


def metrics() -> bool:
    """Whether /metrics has figures for Prometheus (--metrics). The variable is Prometheus's own: the folder where processes count."""
    return bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))


def rate_limited() -> bool:
    """Whether requests are limited by address (--no-rate-limit)."""
    return os.environ.get("DANGQUN_RATE") != "off"


def timeout() -> float:
    """The seconds after which a connection without progress is closed; a variable for tests, without an option."""
    return float(os.environ.get("DANGQUN_PATIENCE") or 30)
