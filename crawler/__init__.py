"""Fetching: `run` crawls sites with Scrapy, `settings` configures it, `cli` is the command line, `sample` a sample site."""
