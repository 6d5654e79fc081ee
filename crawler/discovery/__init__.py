"""What there is to fetch: the sites that are described, what their lists, feeds and sitemaps name, what the archive knows of it."""
