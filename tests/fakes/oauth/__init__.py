"""A stand-in for the sign-in of Discord, Google and GitHub, as a program of its own over HTTP.

Each provider speaks its own dialect, after its documentation. A person's consent is played at once
by whoever was named last over the control address; everything else is refused as documented:
wrong client, wrong secret, foreign redirect, code used twice or by another client, wrong verifier.
"""
