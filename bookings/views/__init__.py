"""Pages of visitors, customers and owners. Each asks one query or action and renders."""
