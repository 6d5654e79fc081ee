"""Scrapy settings: a polite, named, bounded crawler. The numbered tables list what happens to a request."""

import os
from pathlib import Path

from archive.entries import ENTRIES
from archive.plugins import plugins, use_unless_used

# The folder of the archive.
ARCHIVE = os.environ.get("DANGQUN_ARCHIVE", "data")
use_unless_used(Path(ARCHIVE))  # `scrapy crawl` begins here; `dangqun` has done it

BOT_NAME = "dangqun-archive"  # the product token that robots.txt knows us by
# Sites of the project, of plug-ins, and of modules of your own (named with blanks between them, on the Python path).
SPIDER_MODULES = [
    "spiders",
    *(module for plugin in plugins() for module in plugin.modules),
    *os.environ.get("DANGQUN_SITES", "").split(),
]
NEWSPIDER_MODULE = "spiders.sites"

# Identity and pace. The add-on sets what the operator configured, in the environment or the archive's dangqun.toml.
USER_AGENT = f"{BOT_NAME}/0.2 (news archive for research)"
ADDONS = {"crawler.identity.Identity": 0}
CONCURRENT_REQUESTS = 1  # one by one: a response may change the pace of the very next request
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # a page is one item: Scrapy would start a hundred workers for each
DOWNLOAD_DELAY = ENTRIES["crawl.delay"].default
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_MAX_DELAY = ENTRIES["crawl.delay"].most  # a maximum below the delay would replace it
AUTOTHROTTLE_START_DELAY = 2.0
DOWNLOAD_DELAY_JITTER = 0  # never sooner than robots.txt says
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # 429 and 503 are waited for
MAX_WAIT = ENTRIES["crawl.max_wait"].default  # seconds that a run waits if a site demands it; more ends the run
DEFAULT_WAIT = 60.0  # seconds, if the site does not state how long
LIST_DEPTH_LIMIT = ENTRIES["crawl.list_depth"].default  # list pages in a row that a run follows, without --since
# Known articles that a run fetches again, since they may have changed.
RECHECK_LIMIT = ENTRIES["crawl.recheck_limit"].default
REST_LISTS = False  # whether a run may skip lists that seldom change (`dangqun refresh`)
COOKIES_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True  # else anybody on the way could write the archive; a site's class may switch it off
METAREFRESH_ENABLED = False  # RefreshMiddleware follows the tags of empty pages to their own host, and no other

# Bounds: no response, redirect chain or crawl without an end.
DOWNLOAD_TIMEOUT = ENTRIES["crawl.timeout"].default
DOWNLOAD_MAXSIZE = ENTRIES["crawl.max_bytes"].default
DOWNLOAD_WARNSIZE = 5_000_000
REDIRECT_MAX_TIMES = 5
DEPTH_LIMIT = 0  # sites bound their depth, list by list
URLLENGTH_LIMIT = 2000

# Only codings that every WARC reader supports. Servers may send others: DecodingMiddleware supports those too.
DEFAULT_REQUEST_HEADERS: dict[str, str] = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",
}
TWISTED_DNS_RESOLVER = "crawler.download.resolver.PublicResolver"

# The spider sees error pages too: every page ends as an article or under a named kind.
HTTPERROR_ALLOW_ALL = True

DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # ScopeMiddleware knows ports too
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # it matches parts of the User-Agent
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.contact.ContactMiddleware": 40,
    "crawler.middlewares.scope.ScopeMiddleware": 50,
    "crawler.middlewares.robots.Robots": 100,
    "crawler.middlewares.refresh.RefreshMiddleware": 560,  # these three see unpacked pages (590)
    "crawler.middlewares.politeness.WaitMiddleware": 570,
    "crawler.middlewares.politeness.ChallengeMiddleware": 580,
    "crawler.middlewares.decoding.DecodingMiddleware": 590,
    "crawler.middlewares.conditional.ConditionalMiddleware": 940,
    "crawler.middlewares.capture.CaptureMiddleware": 950,  # next to the network: bytes as received
}
DOWNLOAD_HANDLERS: dict[str, str | None] = {
    "http": "crawler.download.limits.BoundedHandler",
    "https": "crawler.download.limits.BoundedHandler",
    **dict.fromkeys(("file", "ftp", "s3", "data")),  # the web only
}
EXTENSIONS: dict[str, int | None] = {
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.monitoring.runs.RunRecorder": 100,
    "crawler.middlewares.politeness.Throttle": 200,
    "crawler.middlewares.politeness.Hours": 300,
}
ITEM_PIPELINES: dict[str, int] = {
    "crawler.pipelines.ReadPipeline": 500,
}

LOG_LEVEL = "WARNING"
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
