"""Which pages: `sites` one short class a site, `platforms` one base class a system that sites run on."""
