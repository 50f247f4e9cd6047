"""The inbound door: verify, store, acknowledge, process."""
