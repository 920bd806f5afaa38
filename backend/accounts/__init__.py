"""People: who they are, how they sign in, and what is granted to them from when to when."""
