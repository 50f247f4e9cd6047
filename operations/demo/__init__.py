"""Three living demo businesses, made through the same actions as real ones."""
