"""The feed inside the product."""
