"""Fetching: Scrapy's settings and middlewares, the command line, and the sample site."""
