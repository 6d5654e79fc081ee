"""Whether a text can be about what this archive collects: stations, communities, their party life."""

import re

_COMMUNITY = re.compile(r"党群|小区|社区|(?:公共|便民|党员)服务(?:中心|站)|便民中心")
_PARTY = re.compile(r"党(?:员|支部|总支|委|组织|小组|建)")
_PLACE = re.compile(r"街道|[镇乡村]")


def is_on_topic(folded: str) -> bool:
    """A community or station is spoken of, or party and place both are. Elsewhere a number of households or
    donors is about something else, and reading stops."""
    return bool(_COMMUNITY.search(folded)) or bool(_PARTY.search(folded) and _PLACE.search(folded))
