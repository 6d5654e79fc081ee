"""人民网湖南频道."""

from spiders.platforms.people import PeopleChannel


class PeopleHunan(PeopleChannel):
    """人民网湖南频道. Known: that local channels publish under /n2/. Assumed: the host's home page lists the newest."""

    name = "people-hn"
    outlet = "人民网湖南频道"
    home = "http://hn.people.com.cn"
    lists = ("/",)
