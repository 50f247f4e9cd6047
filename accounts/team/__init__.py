"""Who works for a business: invitations, roles, leaving, handing over."""
