"""The people of a unit (a mine, an enterprise, a jurisdiction with its bureaus) as who manages them keeps them."""
