"""REST: paying, and giving money back."""
