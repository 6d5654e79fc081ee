"""人民网党建频道."""

from spiders.platforms.people import PeopleChannel


class PeopleDangjian(PeopleChannel):
    """人民网党建频道. Known: host and address forms. Assumed: list 136058."""

    name = "people-dangjian"
    outlet = "人民网党建频道"
    home = "http://dangjian.people.com.cn"
    lists = ("/GB/136058/index.html",)
