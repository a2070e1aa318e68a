"""Benchmarks as ratios: what the product costs beside a floor of the same data, at the same time.

Nothing of the product imports this package. `make bench [ROOM=desk]`; see bench/README.md.
"""
