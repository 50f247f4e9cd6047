"""The first minutes: a new account's profile, and the wizard that sets up a business."""
