"""Scrapy settings: a polite, named, bounded crawler. The numbered tables tell what happens to a request."""

import os

BOT_NAME = "dangqun-archive"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# Where the captures go.
ARCHIVE = os.environ.get("DANGQUN_ARCHIVE", "data")

# Who we are and how we behave. Operators put their own contact here.
USER_AGENT = os.environ.get(
    "DANGQUN_USER_AGENT", "dangqun-archive/0.1 (news archive for research; contact: set DANGQUN_USER_AGENT)"
)
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2.0
RETRY_TIMES = 2
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False  # a page that reloads itself by script or tag is looked at, not followed

# Bounds: no response, redirect chain or crawl without an end.
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 20_000_000
DOWNLOAD_WARNSIZE = 5_000_000
REDIRECT_MAX_TIMES = 5
DEPTH_LIMIT = 50
URLLENGTH_LIMIT = 2000

# Only codings that the WARC reader can undo.
DEFAULT_REQUEST_HEADERS: dict[str, str] = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",
}
TWISTED_DNS_RESOLVER = "crawler.resolver.PublicResolver"

# The spider sees error pages too: every page ends as an article or under a named kind.
HTTPERROR_ALLOW_ALL = True

DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # ScopeMiddleware knows ports too
    "crawler.scope.ScopeMiddleware": 50,
    "crawler.capture.CaptureMiddleware": 950,  # next to the network: bytes as they came
}
EXTENSIONS: dict[str, int | None] = {
    "scrapy.extensions.telnet.TelnetConsole": None,
    "crawler.runs.RunRecorder": 100,
}
ITEM_PIPELINES: dict[str, int] = {
    "crawler.pipelines.ReadPipeline": 500,
}

LOG_LEVEL = "WARNING"
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
