"""Pages of the consult desk: they translate between HTTP and the services."""
