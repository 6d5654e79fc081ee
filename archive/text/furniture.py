"""Page furniture that ends up in texts: editor and source lines, share bars, app banners, related headlines."""

import re

# A line that says who edited or where it came from, standing alone: what follows is not the article.
_END_LINE = re.compile(
    r"^(?:[\[【]?纠错[\]】]?)?[\s\[(【]*(?:责任编辑|责编|编辑|审核|值班编委|一审|二审|三审|来源|稿源|原标题|声明|免责声明|版权声明|下载APP|分享到|分享|扫一扫|相关阅读"
    r"|相关新闻|相关链接|相关日志|相关文章|相关报道|延伸阅读|推荐阅读|热门推荐|上一篇|下一篇|打印本页|关闭窗口|返回顶部|本文来源|作者|文字编辑|初审|终审|复审)\s*[:|丨/]?",
)
_SHORT = 40


def body_end(folded: str) -> int:
    """Where the article ends in folded text: before the first furniture line of its second half.

    A line counts only while it is short, so that a paragraph that begins with 编辑 or 来源 stays.
    """
    at, half = 0, len(folded) // 3
    for line in folded.splitlines(keepends=True):
        if at >= half and len(line.strip()) <= _SHORT and is_furniture(line):
            return at
        at += len(line)
    return len(folded)


def is_furniture(folded_line: str) -> bool:
    """Whether a folded line is furniture and no sentence."""
    line = folded_line.strip()
    return bool(_END_LINE.match(line)) and not line.endswith(("。", "!", "?", "”"))
