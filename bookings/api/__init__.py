"""REST: what can be booked, when, and the bookings themselves."""
