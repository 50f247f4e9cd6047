"""Text messages while no provider is connected: written to the log."""
