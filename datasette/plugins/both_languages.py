"""Datasette's own pages, and the login, say in Chinese as well what they say in English: the words are put into the source
of their templates, so that the templates stay Datasette's."""

import re

from datasette import hookimpl
from jinja2.ext import Extension

# template -> its words, and the Chinese that is put before them
WORDS = {
    "_crumbs.html": {"{{ item.label }}": "{{ {'home': '首页', 'archive': '数据库', 'articles': '文章', 'facts': '事实',"
                                         " 'stations': '站点'}.get(item.label, '') }}"},
    "base.html": {"Jump to...": "跳转", "Log out": "退出"},
    "_footer.html": {"Powered by": "技术支持", "Queries took": "查询用时", "Data license:": "数据许可"},
    "table.html": {
        "Search:": "搜索", "- remove filter -": "去掉筛选", "- column -": "列", "Sort...": "排序", "Sort by": "排序",
        "descending": "降序", "Apply filters": "筛选", "View and edit SQL": "查看并编辑", "This data as": "下载",
        "Choose columns": "选择列", "Column actions": "列操作", "count all": "数全部", "Next page": "下一页",
        "Advanced export": "更多导出方式", "JSON shape:": "JSON 形式", "CSV options:": "CSV 选项", "download file": "存为文件",
        "expand labels": "带名称", "Export CSV": "导出",
        "row{% if count == 1 %}": "行", "rows</span>": "行", "rows{% elif": "行", "{{ human_description_en }}": "筛选排序",
    },
    "row.html": {"This data as": "下载", "Links from other tables": "其他表中的引用"},
    "database.html": {
        "Custom SQL query": "自己的查询", "Run SQL": "执行", "Queries": "问题", "Tables": "表", "Views": "视图", "schema": "结构",
    },
    "query.html": {"Custom SQL query": "自己的查询", "Run SQL": "执行", "This data as": "下载"},
    "logout.html": {"Log out": "退出", "You are logged in as": "已登录"},
}  # fmt: skip


def in_both(name: str, source: str) -> str:
    """The source of a template with its words in both languages."""
    for english, chinese in WORDS.get(name, {}).items():
        source = re.sub(rf"(?<![\w/-]){re.escape(english)}(?![\w-])", f"{chinese} {english}", source)
    return source


class BothLanguages(Extension):
    """Rewrites the source of Datasette's templates as they are loaded."""

    def preprocess(self, source, name, filename=None):
        return in_both((name or "").removeprefix("default:"), source)


@hookimpl
def prepare_jinja2_environment(env):
    env.add_extension(BothLanguages)
