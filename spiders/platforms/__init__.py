"""Content management systems: one base class for each, with what its sites have in common and how it is recognised.

A class with a `fingerprint` is a platform. There is no list to add it to. docs/adding-a-site.md has an example.
"""
