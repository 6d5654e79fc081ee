"""What happens to every request and response, in the order of the numbered tables in `crawler.settings`."""
