"""人民网: the Party's channels, and one local channel."""

from spiders.families.people import PeopleChannel


class PeopleCpc(PeopleChannel):
    """中国共产党新闻网. Known: host, list 64093/64094, address forms. Assumed: its pager."""

    name = "people-cpc"
    outlet = "中国共产党新闻网"
    home = "http://cpc.people.com.cn"
    lists = ("/GB/64093/64094/index.html",)


class PeopleDangjian(PeopleChannel):
    """人民网党建频道. Known: host and address forms. Assumed: list 136058."""

    name = "people-dangjian"
    outlet = "人民网党建频道"
    home = "http://dangjian.people.com.cn"
    lists = ("/GB/136058/index.html",)


class PeopleHunan(PeopleChannel):
    """人民网湖南频道. Known: that local channels publish under /n2/. Assumed: the host's home page lists the newest."""

    name = "people-hn"
    outlet = "人民网湖南频道"
    home = "http://hn.people.com.cn"
    lists = ("/",)
