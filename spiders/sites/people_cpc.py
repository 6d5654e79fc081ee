"""中国共产党新闻网."""

from spiders.platforms.people import PeopleChannel


class PeopleCpc(PeopleChannel):
    """中国共产党新闻网. Known: host, list 64093/64094, address forms. Assumed: its pager."""

    name = "people-cpc"
    outlet = "中国共产党新闻网"
    home = "http://cpc.people.com.cn"
    lists = ("/GB/64093/64094/index.html",)
