"""Replacements for parts of Scrapy's downloader: bounded responses, a resolver that answers with public addresses only, a browser."""
