"""Where things lie: jurisdictions and their bureaus, enterprises, mines, and the checkpoints in a mine."""
