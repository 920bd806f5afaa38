"""Who works where, when and at which post: the roll from which the lists of a shift are due."""
