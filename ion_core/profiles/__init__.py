"""What kinds of agents there are, and what each may do."""
