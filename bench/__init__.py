"""Measures speed as ratios to bare floors of the same run; `bin/bench` runs it.

Nothing here is imported by the product.
"""
