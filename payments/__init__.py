"""Gateways, payments, refunds and the ledger."""
