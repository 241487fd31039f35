"""One module per kind of page. A view asks a read or an action, and renders."""
