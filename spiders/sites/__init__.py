"""One short class a site."""
