"""Adapters to payment providers, one folder each. They translate; they decide nothing."""
