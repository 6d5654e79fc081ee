"""Captures: the WARC files that everything is read from, in and out."""
