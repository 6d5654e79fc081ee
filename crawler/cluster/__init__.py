"""Crawling and reading on a cluster, as tasks of Ray (the extra `cluster`).

`storage` is what all nodes see, `engine` runs tasks, `reading` reads WARC files into row shards and builds rows from them,
`crawling` crawls sites, `run` does all of it. Without `--engine ray` nothing here is imported.
"""
