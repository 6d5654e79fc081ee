"""Trains the weights that `archive/facts/decide` runs: pretraining, fine-tuning, evaluation, export. Needs PyTorch."""
