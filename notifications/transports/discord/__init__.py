"""Messages into a Discord channel over the webhook a business made there."""
