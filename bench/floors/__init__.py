"""The bare programs that ours is compared with."""
