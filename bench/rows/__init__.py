"""The measured promises, one module a subject."""
