"""From session values to rows of styled cells: what is drawn, not what is mounted."""
