"""Stations: which real place of service a fact is about. `names` makes names comparable, `identity` decides which names
are one station; what people decided goes before what the names say."""
