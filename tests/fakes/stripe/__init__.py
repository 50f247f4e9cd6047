"""A stand-in for Stripe's API, as a program of its own: `python -m tests.fakes.stripe --port N`.

It speaks the published HTTP interface (form bodies, JSON answers, error shapes, idempotency keys,
3-D Secure, Checkout, refunds, signed webhooks with retries) and shares no code with the product:
what it signs it signs by the documented rule. Faults are switched on at `/_control/faults`.
"""
