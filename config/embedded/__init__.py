"""PostgreSQL and Redis of our own, for a machine that has none: private sockets, data under var/.

Only binaries from installed wheels or the PATH are used. Whoever starts them holds the lock of
the data folder (config.processes.single), so at most one server ever uses it.
"""
