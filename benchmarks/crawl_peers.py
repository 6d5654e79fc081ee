"""The peers of `crawl.py`, in an environment of their own (they need an older lxml): fetch the pages of a site and read them.

    .venv-crawlers/bin/python benchmarks/crawl_peers.py news-please|fundus ADDRESS PAGES CONNECTIONS FOLDER

Each as its guide says, with no pause between requests and what it reads kept as JSON in FOLDER: news-please is given the
addresses (its own discovery takes no host with a port) and keeps the pages as well; fundus finds them in the sitemap, by a
parser written for the site, with the one connection a publisher that it has. Prints how many articles were read.
"""

import json
import re
import subprocess
import sys
from pathlib import Path


def news_please(address: str, pages: int, connections: int, folder: Path) -> int:
    import newsplease

    config = (Path(newsplease.__file__).parent / "config" / "config.cfg").read_text("utf-8")
    for name, value in {
        "working_path": folder,
        "CONCURRENT_REQUESTS": connections,
        "CONCURRENT_REQUESTS_PER_DOMAIN": connections,
        "LOG_LEVEL": "ERROR",
    }.items():
        config = re.sub(rf"^{name} *=.*", f"{name} = {value}", config, flags=re.MULTILINE)
    (folder / "config").mkdir()
    (folder / "config" / "config.cfg").write_text(config, "utf-8")
    urls = [f"{address}/a/{number}.html" for number in range(1, pages + 1)]
    sites = {"base_urls": [{"crawler": "Download", "url": urls}]}
    (folder / "config" / "sitelist.hjson").write_text(json.dumps(sites), "utf-8")
    subprocess.run(
        [sys.executable, "-m", "newsplease", "-c", folder / "config", "-no-confirm"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return sum(bool(json.loads(one.read_text("utf-8"))["maintext"]) for one in folder.glob("data/**/*.json"))


def fundus(address: str, pages: int, connections: int, folder: Path) -> int:
    from datetime import datetime

    from fundus import Crawler, Sitemap
    from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
    from fundus.parser.utility import extract_article_body_with_selector, generic_date_parsing
    from fundus.publishers.base_objects import Publisher, PublisherGroup
    from lxml.etree import XPath

    paragraphs, title, line = (
        XPath("//div[@class='body']/p"),
        XPath("string(//h1)"),
        XPath("string(//div[@class='info'])"),
    )

    class Parser(ParserProxy):
        class V1(BaseParser):
            @attribute
            def body(self) -> ArticleBody | None:
                return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=paragraphs)

            @attribute
            def title(self) -> str | None:
                return title(self.precomputed.doc)

            @attribute
            def publishing_date(self) -> datetime | None:
                return generic_date_parsing(line(self.precomputed.doc)[:16])

    class Sites(metaclass=PublisherGroup):
        default_language = "zh"
        Site = Publisher(name="Site", domain=address, parser=Parser, sources=[Sitemap(f"{address}/sitemap.xml")])

    articles = Crawler(Sites, delay=0.0).crawl(max_articles=pages, save_to_file=folder / "articles.json")
    return sum(1 for _ in articles)


if __name__ == "__main__":
    name, address, pages, connections, folder = sys.argv[1:]
    peer = {"news-please": news_please, "fundus": fundus}[name]
    print(peer(address, int(pages), int(connections), Path(folder)))
