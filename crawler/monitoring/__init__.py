"""Runs: what each did, and whether it was as usual."""
