"""Past one machine: the same crawls and the same two pure functions, as tasks of Ray (the extra `cluster`).

`storage` is what all nodes see, `engine` hands tasks out, `reading` reads WARC files into row shards and builds from them,
`crawling` crawls sites. Without `--engine ray` nothing here is imported.
"""
