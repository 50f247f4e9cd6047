"""Runs several programs as one: start, show their output, restart, stop, leave nothing behind.

Nothing here knows about Django; what is run and with which environment is config.launcher's.
"""
