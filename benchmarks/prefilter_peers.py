"""The peers of `prefilter.py`, in an environment of their own: read all pages of a WARC file, and keep those that speak of the topic.

    .venv-crawlers/bin/python benchmarks/prefilter_peers.py fundus ADDRESS|news-please FILE

Each as its guide says for files of Common Crawl's news: fundus with a parser for every host, news-please by its extractor. Prints
how many articles it read, how many of these are on topic, and the CPU seconds without its start.
"""

import sys
import time
from collections.abc import Iterator

_TOPIC = "党群服务"


def news_please(path: str) -> Iterator[str]:
    from newsplease.crawler.commoncrawl_crawler import CommonCrawlExtractor

    texts: list[str] = []
    folder, _, name = path.rpartition("/")
    CommonCrawlExtractor().extract_from_commoncrawl(
        name, lambda article: texts.append(f"{article.title}\n{article.maintext}"),
        callback_on_warc_completed=lambda *_: None, local_download_dir_warc=folder, delete_warc_after_extraction=False,
    )  # fmt: skip
    yield from texts


def fundus(address: str) -> Iterator[str]:
    from fundus import Sitemap
    from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
    from fundus.parser.utility import extract_article_body_with_selector
    from fundus.publishers.base_objects import Publisher, PublisherGroup
    from fundus.scraping.html import CCNewsSource
    from fundus.scraping.scraper import CCNewsScraper
    from lxml.etree import XPath

    paragraphs, title = XPath("//div[@class='body']/p"), XPath("string(//h1)")

    class Parser(ParserProxy):
        class V1(BaseParser):
            @attribute
            def body(self) -> ArticleBody | None:
                return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=paragraphs)

            @attribute
            def title(self) -> str | None:
                return title(self.precomputed.doc)

    hosts = ["wanted.example", *(f"news{number}.example" for number in range(50))]

    class Sites(metaclass=PublisherGroup):
        default_language = "zh"
        Site = Publisher(
            name="Site", domain="http://wanted.example", parser=Parser,
            sources=[Sitemap("http://wanted.example/sitemap.xml")],
            deprecated_domains=[f"http://{host}" for host in hosts],
        )  # fmt: skip

    for article in CCNewsScraper(CCNewsSource(Sites.Site, warc_path=address)).scrape("suppress"):
        yield f"{article.title}\n{article.body}"


if __name__ == "__main__":
    name, given = sys.argv[1:]
    peer = {"news-please": news_please, "fundus": fundus}[name]
    __import__({"news-please": "newsplease.crawler.commoncrawl_crawler", "fundus": "fundus"}[name])
    started = time.process_time()
    found = [_TOPIC in text for text in peer(given)]
    print(len(found), sum(found), time.process_time() - started)
