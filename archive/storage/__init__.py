"""The archive on disk: a folder with WARC files and one SQLite database."""
