"""`python -m crawler.cli` is `dangqun`."""

from crawler.cli.main import main

main(prog_name="dangqun")
