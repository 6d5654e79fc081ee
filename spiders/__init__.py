"""Which pages: one short class a site."""
