"""应城市融媒体中心."""

from spiders.platforms.cjyun import CjyunCity


class CjyunYingcheng(CjyunCity):
    """应城 (孝感). Known: host and article form. Assumed: the rest of the platform."""

    name = "cjyun-yingcheng"
    outlet = "应城市融媒体中心"
    home = "https://yingcheng.cjyun.org"
