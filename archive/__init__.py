"""The archive: what was fetched and what it says.

Bytes come in as captures (`archive.captures.warc`), are read into articles (`archive.reading`), the facts are
taken out of those (`archive.facts`), and all of it is kept (`archive.storage.store`) and published
(`archive.publishing`). Nothing here imports scrapy or datasette.
"""
