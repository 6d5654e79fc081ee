"""`import --prefilter` of files like Common Crawl's news, beside fundus and news-please: MB of HTML a second of one core.

    .venv/bin/python benchmarks/prefilter.py [--pages 30000] [--peer-pages 300] [--passes 3]

Pages have 60 KB on average, once unpacked: 1 in 100 is Chinese, 1 in 1,000 on topic, the others in ten languages and three
charsets. Chinese pages off topic are those of ../shared, where that is there. Files are like Common Crawl's: a request and a
response a page, each a gzip member with its digests. Measured are CPU seconds, in turns: the decision alone, the whole command,
and the peers over a file of --peer-pages pages, since they are slow (`prefilter_peers.py`): fundus by its pipeline for these
files with a parser for each page, news-please by its extractor. Every page on topic must be there at the end.
"""

import argparse
import base64
import gzip
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from spread import spread
from stories import story
from support import page

from archive.captures.foreign import likely
from archive.captures.warc import Exchange
from archive.storage.store import open_for_reading

_PEERS = ROOT / ".venv-crawlers" / "bin" / "python"
_REAL = ROOT.parent / "shared/corpus/pages"
_WANTED = "wanted.example"  # the host of pages on topic
_BYTES = 60_000
_CHINESE, _ON_TOPIC = 100, 1_000  # one page in so many
_SENTENCES = {
    "en": "“The council will open the new bridge on Monday,” the mayor said — it took five years &#8217; and 12,400 tonnes of steel.",
    "de": "Über den Fluss führt künftig eine neue Brücke, erklärte die Bürgermeisterin; die Bauzeit betrug fünf Jahre &amp; mehr.",
    "fr": "La maire a annoncé lundi l’ouverture du nouveau pont, après cinq années de travaux très coûteux pour la région.",
    "es": "El ayuntamiento abrirá el lunes el nuevo puente sobre el río, después de cinco años de obras, según la alcaldesa.",
    "ru": "Мэр города сообщила, что новый мост через реку откроют в понедельник, спустя пять лет после начала работ.",
    "ar": "أعلنت رئيسة البلدية افتتاح الجسر الجديد فوق النهر يوم الاثنين بعد خمس سنوات من العمل المتواصل.",
    "hi": "महापौर ने कहा कि नदी पर बना नया पुल सोमवार को खुलेगा, जिसे बनाने में पाँच साल लगे और बहुत खर्च आया।",
    "ja": "市長は、川にかかる新しい橋を月曜日に開通させると発表しました。工事には五年かかり、住民は喜んでいます。",
    "ko": "시장은 강을 가로지르는 새 다리를 월요일에 개통한다고 밝혔으며 공사에는 다섯 해가 걸렸다고 말했다.",
    "pl": "Burmistrz ogłosiła, że nowy most nad rzeką zostanie otwarty w poniedziałek, po pięciu latach żmudnej budowy.",
}  # fmt: skip
_USUAL = "en en en en en en de de fr fr es es es ru ru ar hi pl ja ko".split()
_OFF_TOPIC = (
    "本市昨夜迎来降温，气象台发布大风蓝色预警，预计今天白天最高气温只有八度，请市民出行注意添衣保暖，道路结冰时慢行。"
)


def filled(html: str, chance: random.Random, language: str) -> str:
    """A page with what surrounds articles everywhere, so that it has its size: a menu, scripts, teasers."""
    words = _SENTENCES[language].split(" ")
    blocks = [
        f'<div class="teaser c{chance.randrange(999)}" data-id="{chance.randrange(10**9)}"><a href="/news/{chance.randrange(10**7)}'
        f'/{"-".join(chance.choices(_SENTENCES["en"].lower().split(), k=6))}.html"><img src="/i/{chance.randrange(10**8):x}.jpg" '
        f'loading="lazy" alt=""><h3>{" ".join(chance.choices(words, k=8))}</h3></a></div>\n'
        for _ in range(150)
    ]
    state = ",".join(
        f'"k{n}":{{"url":"\\u002fnews\\u002f{chance.randrange(10**6)}","n":{chance.randrange(999)}}}' for n in range(80)
    )
    room = int(chance.lognormvariate(0, 0.5) / 1.133 * _BYTES) - len(html.encode()) - len(state)
    parts = [f"<script>window.state={{{state}}}</script>"]
    while room > 0:
        parts.append(chance.choice(blocks))
        room -= len(parts[-1].encode())
    return html.replace("</body>", f"<ul>{''.join(parts)}</ul></body>")


def bodies(pages: int) -> Iterator[tuple[str, str, bytes]]:
    """The pages: address, charset that the server states (four of five do), and bytes."""
    chance = random.Random(1)
    real = [gzip.decompress(path.read_bytes()) for path in sorted(_REAL.glob("*.gz"))] if _REAL.is_dir() else []
    for number in range(pages):
        host, language = f"news{number % 50}.example", chance.choice(_USUAL)
        charset = "iso-8859-1" if language in ("de", "fr", "es") and chance.random() < 0.3 else "utf-8"
        if number % _ON_TOPIC == 7:
            title, paragraphs = story(number, chance)
            host, charset, html = _WANTED, chance.choice(["utf-8", "gb18030"]), page(title, *paragraphs)
        elif number % _CHINESE == 7:
            charset, html = chance.choice(["utf-8", "gb18030"]), page(f"大风预警第{number}号", *[_OFF_TOPIC * 3] * 8)
        else:
            words = _SENTENCES[language].split(" ")
            paragraphs = [" ".join(chance.sample(words, k=len(words))) for _ in range(30)]
            html = page(f"{language} {number}", *paragraphs, source="News").replace("来源：", "")
        body = filled(html, chance, language).encode(charset, "xmlcharrefreplace")
        stated = f"; charset={charset}" if chance.random() < 0.8 else ""
        if real and number % (2 * _CHINESE) == _CHINESE + 7 and host != _WANTED:
            stated, body = "", real[number // _CHINESE % len(real)]
        yield f"http://{host}/a/{number}.html", stated, body


def _sha1(content: bytes) -> str:
    return base64.b32encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def _record(kind: str, url: str, block: bytes, payload: bytes | None = None) -> bytes:
    digests = [("Block", block), *([("Payload", payload)] if payload is not None else [])]
    lines = "".join(f"WARC-{name}-Digest: sha1:{_sha1(of)}\r\n" for name, of in digests)
    media = "application/warc-fields" if kind == "warcinfo" else f"application/http; msgtype={kind}"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-04T05:06:07Z\r\n"
        f"WARC-Record-ID: <urn:sha1:{_sha1(url.encode() + kind.encode())}>\r\n{lines}"
        f"Content-Type: {media}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


_SENT = (
    "HTTP/1.1 200 OK\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\nServer: nginx\r\nContent-Type: text/html{}\r\nVary: Accept-Encoding\r\n"
    "Cache-Control: max-age=60\r\nX-Crawler-Content-Encoding: gzip\r\nX-Frame-Options: SAMEORIGIN\r\nSet-Cookie: a=1; path=/\r\n"
    "Set-Cookie: b=2; path=/\r\nContent-Length: {}\r\n\r\n"
)


def write(path: Path, pages: int) -> tuple[float, list[str]]:
    """Write a WARC file. Returns the MB of its pages, and the addresses of those on topic."""
    total, wanted = 0, []
    with path.open("wb") as stream:
        stream.write(_record("warcinfo", "", b"software: a crawler\r\n"))
        for url, stated, body in bodies(pages):
            host = url.split("/")[2]
            stream.write(_record("request", url, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()))
            stream.write(_record("response", url, _SENT.format(stated, len(body)).encode() + body, body))
            total += len(body)
            wanted += [url] if host == _WANTED else []
    return total / 1e6, wanted


def _spent() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def decision(path: Path) -> Counter[str]:
    """The decision alone: pages by what they are."""
    return Counter("to be read" if isinstance(one, Exchange) else one for one in likely(path))


def command(path: Path, wanted: list[str]) -> None:
    """The whole command."""
    with tempfile.TemporaryDirectory() as made:
        arguments = ["--archive", made, "import", str(path), "--prefilter", "--no-publish"]
        subprocess.run([sys.executable, "-m", "crawler.cli", *arguments], cwd=ROOT, check=True, capture_output=True)
        with open_for_reading(Path(made)) as archive:
            found = {url for (url,) in archive.connection.execute("select url from articles")}
    assert found.issuperset(wanted), f"pages on topic are lost: {sorted(set(wanted) - found)}"


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def peer(name: str, path: Path) -> float:
    """CPU seconds that a peer takes, its start left out."""
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Files, directory=path.parent)
    ) as server:  # fundus fetches its files
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{path.name}"
        asked = [_PEERS, ROOT / "benchmarks/prefilter_peers.py", name, address if name == "fundus" else path]
        done = subprocess.run(asked, check=True, capture_output=True, text=True)
        server.shutdown()
    return float(done.stdout.split()[-1])


def main(pages: int, peer_pages: int, passes: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        all_, few = Path(made) / "all.warc.gz", Path(made) / "few.warc.gz"
        size, wanted = write(all_, pages)
        less, _ = write(few, peer_pages)
        found = decision(all_)
        speeds: dict[str, list[float]] = {}

        def measure(name: str, megabytes: float, seconds: float) -> None:
            speeds.setdefault(name, []).append(megabytes / seconds)

        steps = {"decision": lambda: decision(all_), "import --prefilter": lambda: command(all_, wanted)}
        for _ in range(passes):
            for name, run in steps.items():
                before = _spent()
                run()
                measure(name, size, _spent() - before)
            for name in ("fundus", "news-please") if peer_pages and _PEERS.exists() else ():
                measure(name, less, peer(name, few))
    print(
        f"### MB of HTML: {pages:,} pages, {size:,.0f} MB, {len(wanted)} on topic; peers: {peer_pages}; {passes} passes\n"
    )
    print("| what | MB a CPU second | slower than the command |\n|---|---|---|")
    ours = median(speeds["import --prefilter"])
    for name, values in speeds.items():
        print(f"| {name} | {spread(values, 1)} | {ours / median(values):.1f} |")
    print(f"\nOf the pages: {', '.join(f'{n:,} {kind}' for kind, n in found.most_common())}. None on topic is lost.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=30_000)
    parser.add_argument("--peer-pages", type=int, default=300)
    parser.add_argument("--passes", type=int, default=3)
    given = parser.parse_args()
    main(given.pages, given.peer_pages, given.passes)
