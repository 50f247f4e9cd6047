"""Template tags of the admin as a whole."""
