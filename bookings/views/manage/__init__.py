"""The desk of a business on the site: today, week, bookings, services, hours, payments."""
