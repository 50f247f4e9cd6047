"""Email over whichever backend the settings name: SMTP, a provider, or the local inbox."""
