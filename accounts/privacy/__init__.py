"""What people may ask of their data: a copy of it, and its erasure. Apps register holders."""
