"""What the desk counts: mines and their state, who has done their lists, hazards by age, what waits for whom."""
