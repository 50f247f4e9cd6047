"""What messages say. One letter is written once and shown by every transport in its own form."""
