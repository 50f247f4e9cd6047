"""Devices: where an account is signed in, by session cookie or by tokens."""
