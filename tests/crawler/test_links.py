"""Links of list pages and sitemaps, hostile ones included."""

from scrapy.http import Response

from crawler.links import links, sitemap_entries


def test_links_of_a_mislabelled_page() -> None:
    html = '<html><head><meta charset="gb2312"></head><body><a href=" /a.html#top ">喆园</a><a href="/a.html">again</a><a href="javascript:alert(1)">x</a><a href="http://[bad">y</a><a href="mailto:a@b.example">z</a></body></html>'
    response = Response("http://a.example/list/", body=html.encode("gbk"), headers={"Content-Type": "text/html"})
    assert links(response) == ["http://a.example/a.html"]


def test_sitemaps() -> None:
    xml = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc> http://a.example/1 </loc><lastmod>2024-01-02</lastmod></url><url><loc/></url></urlset>'
    assert sitemap_entries(xml.encode()) == [("http://a.example/1", "2024-01-02")]
    assert sitemap_entries(b"no xml at all") == []
    assert sitemap_entries(b"") == []
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><urlset><url><loc>&b;&c;</loc></url></urlset>'
    assert all("root:" not in address for address, _ in sitemap_entries(bomb))
