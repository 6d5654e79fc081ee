"""贵州省民政厅."""

from spiders.platforms.trs import TrsSite


class GuizhouCivilAffairs(TrsSite):
    """贵州省民政厅. Known: address form (stored), .TRS_Editor (other TRS sites). Assumed: the column and its pager."""

    name = "guizhou-mzt"
    outlet = "贵州省民政厅"
    home = "https://mzt.guizhou.gov.cn"
    lists = ("/xwzx/gzdt/",)
