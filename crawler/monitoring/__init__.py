"""Runs: what each did, and whether it is as usual."""
