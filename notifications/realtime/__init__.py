"""Open pages: rooms, the process's hub of sockets, and the one Redis subscription behind it."""
