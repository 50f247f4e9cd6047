"""Mail kept on this machine instead of being sent, and its page."""
