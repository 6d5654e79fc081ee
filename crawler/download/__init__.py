"""In place of parts of Scrapy's downloader: bounded responses, names that resolve to public addresses, a browser."""
