"""Page furniture that ends up in texts: editor and source lines, share bars, app banners, related headlines."""

import re

# A line that names who edited or where it came from, standing alone: what follows is not the article. The label is followed
# by a sign, or by a blank and a name: 编辑 一本社区故事 is none, nor is a sub-heading that only begins like one.
_LABEL = (
    r"(?:责任编辑|文字编辑|值班编委|责编|编辑|编审|审核|审校|校对|监制|初审|复审|终审|[一二三]审|(?:本文|文章|稿件|信息)?来源|稿源|作者|原标题|原文链接"
    r"|(?:免责|版权|郑重|特别)?声明|(?:文章|本文)?(?:关键[词字]|标签)|相关(?:阅读|新闻|链接|日志|文章|报道|推荐)|(?:延伸|推荐)阅读|热门推荐|上一[篇条]|下一[篇条])"
)
_END_LINE = re.compile(
    rf"[\s\[【(]*(?:纠错[\]】]?\s*[\[【(]?)?(?:{_LABEL}\s*(?:[:|丨/>»\]】)]|$|\s[^\s]{{2,4}}(?:\s|[)\]】]|$))|(?:责任编辑|责编)[一-鿿]{{2,3}}[)\]】]?$)"
)
_WORD = (
    r"(?:打印(?:本页|本文|文章)?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表)|收藏(?:本页|本文)?|举报|纠错|点赞|我要(?:反馈|评论|留言|纠错)|扫一扫|分享|字体|大中小|[大中小]"
    r"|(?:网友|热门|最新|精彩|全部|发表|我要|查看|条)?(?:评论|留言|跟帖)|复制链接|朋友圈|新浪微博|微博|微信|QQ空间|QQ|下载APP|客户端)"
)
_BUTTONS = re.compile(rf"[\s\[【(]*(?:{_WORD}[\s|丨/,、:+\d()\[\]【】条]*)+$", re.IGNORECASE)
_OFFERS = re.compile(
    r"(?:扫一扫|扫码|扫描|长按)[^。]{0,14}(?:手机|微信|关注|二维码|打开|分享|阅读|下载|查看)|分享(?:到|至|给)[^。]{0,12}$|下载[^。]{0,8}(?:APP|客户端)",
    re.IGNORECASE,
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
    if line.endswith(("。", "!", "?", "”")):
        return False
    return any(pattern.match(line) for pattern in (_END_LINE, _BUTTONS, _OFFERS))
